// The rich_text block: sections, lists, quotes and preformatted text made of typed elements.

import { h, link, visibleText } from "./dom.js";
import { emojiText } from "./emoji.js";
import { channelMention, userMention } from "./mrkdwn.js";
import { formatDateTokens } from "./moments.js";

/** Nodes of a rich_text block. */
export function richText(block) {
  return (block.elements ?? []).map(part);
}

function part(element) {
  if (element.type === "rich_text_section") return h("p", { class: "rich-section" }, leaves(element.elements));
  if (element.type === "rich_text_list") return list(element);
  if (element.type === "rich_text_quote") return h("blockquote", {}, leaves(element.elements));
  if (element.type === "rich_text_preformatted") return preformatted(element);
  return h("p", { class: "unknown-block" }, visibleText(`Unknown rich text: ${element.type}`));
}

function list({ style, indent, offset, elements = [] }) {
  const items = elements.map((item) => h("li", {}, leaves(item.elements)));
  const start = style === "ordered" && offset ? { start: Number(offset) + 1 } : {};
  return h(style === "ordered" ? "ol" : "ul", { class: `indent-${Math.min(Number(indent) || 0, 8)}`, ...start }, items);
}

function preformatted(element) {
  return h("pre", { class: "code-block", tabindex: "0" }, h("code", {}, leaves(element.elements)));
}

function leaves(elements = []) {
  return elements.map((element) => styled(leaf(element), element.style));
}

const LEAVES = {
  text: ({ text }) => withBreaks(text),
  link: ({ url, text }) => [link(url, visibleText(text || url))],
  user: ({ user_id }) => [userMention(user_id)],
  usergroup: ({ usergroup_id }) => [h("span", { class: "mention" }, visibleText(`@${usergroup_id}`))],
  channel: ({ channel_id }) => [channelMention(channel_id)],
  broadcast: ({ range }) => [h("span", { class: "mention mention-me" }, visibleText(`@${range}`))],
  emoji: ({ name }) => [emojiText(name)],
  color: ({ value }) => [h("code", {}, visibleText(value))],
  date: ({ timestamp, format, fallback }) => [
    h("time", {}, formatDateTokens(timestamp, format ?? "{date}") ?? fallback ?? ""),
  ],
};

function leaf(element) {
  const render = Object.hasOwn(LEAVES, element.type) ? LEAVES[element.type] : () => visibleText(`[${element.type}]`);
  return render(element);
}

function withBreaks(text) {
  return visibleText(String(text ?? "")).flatMap((node) => {
    if (typeof node !== "string") return [node];
    return node.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
  });
}

const STYLE_TAGS = { bold: "strong", italic: "em", strike: "s", code: "code" };

function styled(nodes, style = {}) {
  return Object.entries(STYLE_TAGS).reduce(
    (inner, [name, tag]) => (style?.[name] ? [h(tag, {}, inner)] : inner),
    nodes,
  );
}

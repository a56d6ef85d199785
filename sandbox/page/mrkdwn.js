// Slack's mrkdwn as DOM nodes. Every search for a closing mark is remembered, so hostile text stays linear to read.

import { h, link, visibleText } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { formatDateTokens } from "./moments.js";
import { channelName, userName, workspace } from "./workspace.js";

const STYLES = { "*": "strong", _: "em", "~": "s" };
const LONGEST_BRACKET = 3100; // an address of 3,000 and its marks; longer is not a link, and is not looked into
const WORD = /[\p{L}\p{N}]/u;

/** Undo Slack's three escapes. */
function unescapeText(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);
}

/** Escape text a person typed, as Slack does before an app sees it. */
export function escapeText(text) {
  return text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character]);
}

/** Nodes for a whole mrkdwn text: code blocks, quotes, lines. */
export function mrkdwn(text) {
  const parts = String(text ?? "").split("```");
  if (parts.length % 2 === 0) joinUnclosedFence(parts);
  return parts.flatMap((part, index) =>
    index % 2 ? codeBlock(part) : paragraphs(trimAroundCode(part, index, parts.length)),
  );
}

function joinUnclosedFence(parts) {
  const tail = parts.pop();
  parts.push(`${parts.pop()}\`\`\`${tail}`);
}

function codeBlock(text) {
  const code = unescapeText(text.replace(/^\n/, "").replace(/\n$/, ""));
  return h("pre", { class: "code-block", tabindex: "0" }, h("code", {}, visibleText(unwrapLinks(code))));
}

// Links inside code show their label or address, never the brackets Slack wraps them in.
function unwrapLinks(text) {
  return text.replace(/<(https?:\/\/[^|>\s]{1,3000})(?:\|([^>]{0,3000}))?>/g, (_, address, label) => label || address);
}

function trimAroundCode(part, index, count) {
  let text = part;
  if (index > 0) text = text.replace(/^\n/, "");
  if (index < count - 1) text = text.replace(/\n$/, "");
  return text;
}

function paragraphs(text) {
  if (text === "") return [];
  const nodes = [];
  for (const run of quoteRuns(text.split("\n"))) {
    const lines = lineNodes(run.lines);
    nodes.push(run.quoted ? h("blockquote", {}, lines) : lines);
  }
  return nodes.flat();
}

function quoteRuns(lines) {
  const runs = [];
  for (const line of lines) {
    const match = /^(?:&gt;|>) ?/.exec(line);
    const quoted = match !== null;
    if (runs.at(-1)?.quoted !== quoted) runs.push({ quoted, lines: [] });
    runs.at(-1).lines.push(quoted ? line.slice(match[0].length) : line);
  }
  return runs;
}

function lineNodes(lines) {
  return lines.flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
}

/** Nodes for one line: styles, code, links, mentions, emoji. */
export function inline(line, allowed = "*_~") {
  const find = finder(line);
  const nodes = [];
  let plainFrom = 0;
  let at = 0;
  while (at < line.length) {
    const span = spanAt(line, at, find, allowed);
    if (!span) {
      at += 1;
      continue;
    }
    nodes.push(...plain(line.slice(plainFrom, at)), span.node);
    at = plainFrom = span.end;
  }
  nodes.push(...plain(line.slice(plainFrom)));
  return nodes;
}

// indexOf that never reads the same stretch twice for the same mark.
function finder(line) {
  const known = new Map();
  return (mark, from) => {
    const previous = known.get(mark);
    if (previous !== undefined && (previous === -1 || previous >= from)) return previous;
    const found = line.indexOf(mark, from);
    known.set(mark, found);
    return found;
  };
}

function spanAt(line, at, find, allowed) {
  const character = line[at];
  if (character === "<") return bracketSpan(line, at, find);
  if (character === "`") return codeSpan(line, at, find);
  if (allowed.includes(character) && character in STYLES) return styledSpan(line, at, find, allowed);
  if (character === "h" && !WORD.test(line[at - 1] ?? "")) return bareLink(line, at);
  return null;
}

function codeSpan(line, at, find) {
  const end = find("`", at + 1);
  if (end <= at + 1) return null;
  const code = unescapeText(unwrapLinks(line.slice(at + 1, end)));
  return { node: h("code", {}, visibleText(code)), end: end + 1 };
}

function styledSpan(line, at, find, allowed) {
  const mark = line[at];
  const end = find(mark, at + 1);
  const opens = !WORD.test(line[at - 1] ?? "") && !/\s/.test(line[at + 1] ?? " ");
  const closes = end > at + 1 && !/\s/.test(line[end - 1]) && !WORD.test(line[end + 1] ?? "");
  if (!opens || !closes) return null;
  const inner = inline(line.slice(at + 1, end), allowed.replace(mark, ""));
  return { node: h(STYLES[mark], {}, inner), end: end + 1 };
}

const BARE_LINK = /https?:\/\/[^\s<>|`"]{1,2000}/y;
function bareLink(line, at) {
  BARE_LINK.lastIndex = at;
  const match = BARE_LINK.exec(line);
  if (!match) return null;
  const address = match[0].replace(/[.,;:!?)*_~'"]+$/, "");
  return { node: link(unescapeText(address), visibleText(unescapeText(address))), end: at + address.length };
}

function bracketSpan(line, at, find) {
  const end = find(">", at + 1);
  if (end === -1 || end - at > LONGEST_BRACKET) return null;
  const [target, ...rest] = line.slice(at + 1, end).split("|");
  const node = bracketNode(target, rest.length ? rest.join("|") : null);
  return node && { node, end: end + 1 };
}

function bracketNode(target, label) {
  if (target.startsWith("@")) return userMention(target.slice(1));
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return specialMention(target.slice(1), label);
  if (!/^(https?:\/\/|mailto:)/i.test(target)) return null;
  const shown = unescapeText(label || target.replace(/^mailto:/i, ""));
  return link(unescapeText(target), visibleText(withEmoji(shown)));
}

/** `@Name`, marked when it is the person who acts. */
export function userMention(userId) {
  const mine = userId === workspace.me ? " mention-me" : "";
  return h("span", { class: `mention${mine}`, dataset: { user: userId } }, "@", visibleText(userName(userId)));
}

/** `#channel`, a link to it where it exists. */
export function channelMention(channelId, label) {
  const name = visibleText(`#${workspace.channels.has(channelId) ? channelName(channelId) : label || channelId}`);
  if (!workspace.channels.has(channelId)) return h("span", { class: "mention" }, name);
  return h("a", { class: "mention", href: `/archives/${encodeURIComponent(channelId)}` }, name);
}

function specialMention(command, label) {
  if (command.startsWith("date^")) return dateNode(command.split("^"), label);
  if (["channel", "here", "everyone"].includes(command))
    return h("span", { class: "mention mention-me" }, `@${command}`);
  return h("span", { class: "mention" }, visibleText(label || `@${command}`));
}

function dateNode([, seconds, format = "", address], label) {
  const shown = formatDateTokens(seconds, unescapeText(format)) ?? unescapeText(label ?? "");
  if (address) return link(unescapeText(address), shown);
  return h("time", { title: label ?? null }, visibleText(shown));
}

function plain(text) {
  return text === "" ? [] : visibleText(withEmoji(unescapeText(text)));
}

/** Nodes for a Block Kit text object, or a bare string. */
export function textObject(text) {
  if (!text) return [];
  if (typeof text === "string") return visibleText(text);
  if (text.type === "mrkdwn") return mrkdwn(text.text);
  const shown = text.emoji === false ? (text.text ?? "") : withEmoji(text.text ?? "");
  return visibleText(shown).flatMap(withBreaks);
}

function withBreaks(node) {
  if (typeof node !== "string") return [node];
  return node.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

// A modest subset of standard markdown, for the `markdown` block: headings, lists, quotes, fenced code, rules, tables,
// bold, italic, strike, inline code, links. Everything else stays text.

import { h, link, visibleText } from "./dom.js";
import { withEmoji } from "./emoji.js";

const FENCE = /^\s{0,3}(```|~~~)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*\s*$/;
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const RULE = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;
const TABLE_RULE = /^\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$/;

/** Nodes for a whole markdown text. */
export function markdown(text) {
  const lines = String(text ?? "").split("\n");
  const nodes = [];
  let at = 0;
  while (at < lines.length) {
    const [node, next] = blockAt(lines, at);
    if (node) nodes.push(node);
    at = next;
  }
  return nodes;
}

function blockAt(lines, at) {
  const line = lines[at];
  if (line.trim() === "") return [null, at + 1];
  if (FENCE.test(line)) return fencedCode(lines, at);
  if (RULE.test(line)) return [h("hr"), at + 1];
  const heading = HEADING.exec(line);
  if (heading) return [h("h3", { class: `markdown-heading level-${heading[1].length}` }, spans(heading[2])), at + 1];
  if (line.startsWith(">")) return quote(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "")) return table(lines, at);
  return paragraph(lines, at);
}

function fencedCode(lines, at) {
  const fence = FENCE.exec(lines[at])[1];
  let end = at + 1;
  while (end < lines.length && !lines[end].trimStart().startsWith(fence)) end += 1;
  const code = lines.slice(at + 1, end).join("\n");
  return [h("pre", { class: "code-block", tabindex: "0" }, h("code", {}, visibleText(code))), end + 1];
}

function quote(lines, at) {
  let end = at;
  while (end < lines.length && lines[end].startsWith(">")) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(/^> ?/, ""));
  return [h("blockquote", {}, withBreaks(inner)), end];
}

function list(lines, at) {
  const ordered = ITEM.exec(lines[at])[2] !== undefined;
  const items = [];
  let end = at;
  for (; end < lines.length && ITEM.test(lines[end]); end += 1) items.push(listItem(lines[end]));
  return [h(ordered ? "ol" : "ul", ordered ? { start: ITEM.exec(lines[at])[2] } : {}, items), end];
}

function listItem(line) {
  const [, indent, , text] = ITEM.exec(line);
  return h("li", { class: indent.length > 1 ? "nested" : null }, spans(text));
}

function table(lines, at) {
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const row = (line, tag) =>
    h(
      "tr",
      {},
      cells(line).map((cell) => h(tag, {}, spans(cell))),
    );
  const body = lines.slice(at + 2, end).map((line) => row(line, "td"));
  const node = h("table", {}, h("thead", {}, row(lines[at], "th")), h("tbody", {}, body));
  return [h("div", { class: "table-scroll", tabindex: "0" }, node), end];
}

function cells(line) {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());
}

function paragraph(lines, at) {
  let end = at + 1;
  const startsBlock = (line) =>
    line.trim() === "" || FENCE.test(line) || HEADING.test(line) || ITEM.test(line) || line.startsWith(">");
  while (end < lines.length && !startsBlock(lines[end])) end += 1;
  return [h("p", {}, withBreaks(lines.slice(at, end))), end];
}

function withBreaks(lines) {
  return lines.flatMap((line, index) => (index ? [h("br"), ...spans(line)] : spans(line)));
}

// Bounded repeats keep a long line of opening marks from being searched to its end again and again.
const SPAN = new RegExp(
  [
    /`(?<code>[^`]{1,2000})`/,
    /\*\*(?<bold>[^*\s](?:[^*]{0,1998}[^*\s])?)\*\*/,
    /(?<![\w*])[*_](?<italic>[^*_\s](?:[^*_]{0,1998}[^*_\s])?)[*_](?![\w*])/,
    /~~(?<strike>[^~]{1,2000})~~/,
    /\[(?<label>[^\][]{1,1000})\]\((?<address>[^()\s]{1,3000})\)/,
    /(?<bare>https?:\/\/[^\s<>()`"]{1,2000})/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

function spans(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(SPAN)) {
    nodes.push(...visibleText(withEmoji(text.slice(from, match.index))), spanNode(match.groups));
    from = match.index + match[0].length;
  }
  nodes.push(...visibleText(withEmoji(text.slice(from))));
  return nodes;
}

function spanNode({ code, bold, italic, strike, label, address, bare }) {
  if (code) return h("code", {}, visibleText(code));
  if (bold) return h("strong", {}, spans(bold));
  if (italic) return h("em", {}, spans(italic));
  if (strike) return h("s", {}, spans(strike));
  return link(address ?? bare, visibleText(label ?? bare));
}

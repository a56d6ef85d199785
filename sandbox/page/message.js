// One message: who, when, text or blocks, files, reactions, replies, and what a person can do with it.

import { api, fileAddress } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { h, visibleString, visibleText } from "./dom.js";
import { emojiText } from "./emoji.js";
import { icon } from "./icons.js";
import { openMessageMenu, openReactionPicker } from "./message_actions.js";
import { clockTime, exactTime, fileSize, momentOf, ago } from "./moments.js";
import { mrkdwn } from "./mrkdwn.js";
import { telling } from "./notices.js";
import { avatar } from "./people.js";
import { goToThread } from "./place.js";
import { createSurface } from "./surface.js";
import { isBot, userName, workspace } from "./workspace.js";

const LONG_TEXT = 4000;  // characters after which a text is folded
const MOST_DRAWN = 100_000;  // characters drawn of one text; Slack itself cuts at 40,000
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** An article for `message` in `channel`. `compact` leaves out the author, `inThread` the way into the thread. */
export function renderMessage(message, { channel, compact, inThread }) {
  const classes = ["message", compact ? "compact" : "", message.ephemeral_to ? "ephemeral" : "", isPinned(message) ? "pinned" : ""];
  const author = authorOf(message);
  return h("article", { class: classes.filter(Boolean).join(" "), "aria-label": `${author} at ${clockTime(message.ts)}`, dataset: { testid: "message", ts: message.ts } },
    h("div", { class: "gutter" }, compact ? time(message) : avatar(message.user ?? message.bot_id)),
    h("div", { class: "message-body" },
      notes(message),
      compact ? null : h("div", { class: "byline" }, h("strong", { class: "author" }, visibleText(author)), appBadge(message), time(message)),
      content(message, channel),
      files(message),
      reactions(message, channel),
      inThread ? null : replies(message, channel)),
    message.ephemeral_to ? null : toolbar(message, channel, inThread));
}

function authorOf(message) {
  return message.username ?? message.bot_profile?.name ?? userName(message.user ?? message.bot_id);
}

function appBadge(message) {
  return message.bot_id || isBot(message.user) ? h("span", { class: "badge" }, "App") : null;
}

function time(message) {
  return h("time", { class: "time", title: exactTime(message.ts), datetime: momentOf(message.ts).toISOString() }, clockTime(message.ts));
}

function isPinned(message) {
  return (message.pinned_to ?? []).length > 0;
}

function dismissal({ channel, ts }) {
  const dismiss = () => telling(api.remove({ user: workspace.me, channel, ts }));
  return h("button", { type: "button", class: "text-button", dataset: { testid: "dismiss" }, onclick: dismiss }, "Dismiss");
}

function notes(message) {
  return [
    message.ephemeral_to ? h("p", { class: "note" }, icon("eye"), "Only visible to you", dismissal(message)) : null,
    isPinned(message) ? h("p", { class: "note note-pin" }, icon("pin"), "Pinned") : null,
    message.subtype === "thread_broadcast" ? h("p", { class: "note" }, icon("reply"), "Also sent to the channel") : null,
  ];
}

function content(message, channel) {
  const edited = message.edited ? h("span", { class: "edited", title: exactTime(message.edited.ts) }, "(edited)") : null;
  if (!message.blocks?.length) return message.text ? h("div", { class: "text", dir: "auto" }, foldable(message.text), edited) : edited;
  const surface = createSurface("message", { channel, ts: message.ts });
  return [h("div", { class: "blocks" }, renderBlocks(message.blocks, surface)), attachments(message), edited];
}

function attachments(message) {
  return (message.attachments ?? []).map((each) => h("div", { class: "attachment" }, mrkdwn(each.text ?? each.fallback ?? "")));
}

function foldable(text) {
  if (text.length <= LONG_TEXT) return mrkdwn(text);
  const body = h("div", { class: "folded" }, mrkdwn(text.slice(0, MOST_DRAWN)));
  const more = h("button", { type: "button", class: "text-button", "aria-expanded": "false", onclick: () => unfold(body, more) }, "Show more");
  const cut = text.length > MOST_DRAWN ? h("p", { class: "hint" }, `${(text.length - MOST_DRAWN).toLocaleString()} further characters are not drawn.`) : null;
  return [body, more, cut];
}

function unfold(body, more) {
  const folded = body.classList.toggle("folded");
  more.textContent = folded ? "Show more" : "Show less";
  more.setAttribute("aria-expanded", String(!folded));
}

function files(message) {
  if (!message.files?.length) return null;
  return h("ul", { class: "files", "aria-label": "Files" }, message.files.map((file) => h("li", {}, fileCard(file))));
}

function fileCard(file) {
  if (file.mode === "tombstone") return h("span", { class: "file-card gone" }, icon("trash"), "This file was deleted.");
  const name = visibleString(file.title || file.name || file.id);
  const href = fileAddress(file.id);
  const picture = PICTURES.has(file.mimetype) ? h("a", { href, target: "_blank", rel: "noopener" }, h("img", { class: "file-picture", src: href, alt: name, loading: "lazy" })) : null;
  return [picture, h("a", { class: "file-card", href, download: file.name ?? "file", dataset: { testid: "file" } },
    icon("file"), h("span", { class: "file-name" }, h("bdi", {}, name), h("span", { class: "hint" }, fileNote(file))), icon("download"), h("span", { class: "sr-only" }, "Download"))];
}

function fileNote(file) {
  if (file.file_access === "check_file_info") return "shared from elsewhere";
  return [fileSize(file.size), file.pretty_type || file.filetype].filter(Boolean).join(" · ");
}

function reactions(message, channel) {
  if (!message.reactions?.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((reaction) => reactionButton(message, channel, reaction)));
}

function reactionButton(message, channel, { name, count, users = [] }) {
  const mine = users.includes(workspace.me);
  const who = users.map(userName).join(", ");
  const toggle = () => telling(api.react({ user: workspace.me, channel, ts: message.ts, name, remove: mine }));
  return h("button", {
    type: "button", class: `reaction${mine ? " mine" : ""}`, "aria-pressed": String(mine), title: `${who} reacted with :${name}:`,
    "aria-label": `${name}, ${count}`, dataset: { control: `reaction-${name}` }, onclick: toggle,
  }, emojiText(name), h("span", { class: "count" }, String(count ?? users.length)));
}

function replies(message, channel) {
  if (!message.reply_count) return null;
  const faces = (message.reply_users ?? []).slice(0, 4).map(avatar);
  const last = message.latest_reply ? h("span", { class: "hint" }, `last reply ${ago(momentOf(message.latest_reply))}`) : null;
  return h("button", { type: "button", class: "reply-summary", dataset: { testid: "replies" }, onclick: () => goToThread(channel, message.thread_ts ?? message.ts) },
    h("span", { class: "faces" }, faces), h("span", { class: "reply-count" }, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`), last);
}

function toolbar(message, channel, inThread) {
  const tool = (name, label, testid, onclick) => h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, "aria-haspopup": name === "reply" ? null : "menu", dataset: { testid }, onclick }, icon(name));
  return h("div", { class: "toolbar", role: "group", "aria-label": "Message actions" },
    tool("smile", "Add a reaction", "react", (event) => openReactionPicker(event.currentTarget, message, channel)),
    inThread ? null : tool("reply", "Reply in thread", "open-thread", () => goToThread(channel, message.thread_ts ?? message.ts)),
    tool("more", "More actions", "message-menu", (event) => openMessageMenu(event.currentTarget, message, channel)));
}

/** What is left of a deleted message that others answered. */
export function renderTombstone(message, { channel, inThread }) {
  return h("article", { class: "message gone", dataset: { testid: "message", ts: message.ts } },
    h("div", { class: "gutter" }, icon("trash")), h("div", { class: "message-body" }, visibleText(message.text), inThread ? null : replies(message, channel)));
}

/** A line for joins, topics and the like. */
export function renderNote(message) {
  return h("div", { class: "system-line", dataset: { testid: "message", ts: message.ts } }, h("span", {}, mrkdwn(message.text)));
}

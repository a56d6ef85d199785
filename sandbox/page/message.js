// One message: who, when, text or blocks, files, reactions, replies, and what a person can do with it.

import { api } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { h, visibleText } from "./dom.js";
import { fileCards } from "./files.js";
import { icon } from "./icons.js";
import { openMessageMenu, openReactionPicker } from "./message_actions.js";
import { ago, clockTime, exactTime, momentOf } from "./moments.js";
import { mrkdwn } from "./mrkdwn.js";
import { telling } from "./notices.js";
import { avatar } from "./people.js";
import { goToThread } from "./place.js";
import { reactionRow } from "./reactions.js";
import { createSurface } from "./surface.js";
import { isBot, userName, workspace } from "./workspace.js";

const LONG_TEXT = 4000; // characters after which a text is folded
const MOST_DRAWN = 100_000; // characters drawn of one text; Slack itself cuts at 40,000

/** An article for `message` in `channel`. `compact` leaves out the author, `inThread` the way into the thread. */
export function renderMessage(message, { channel, compact, inThread }) {
  const classes = [
    "message",
    compact ? "compact" : "",
    message.ephemeral_to ? "ephemeral" : "",
    isPinned(message) ? "pinned" : "",
  ];
  const author = authorOf(message);
  return h(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      "aria-label": `${author} at ${clockTime(message.ts)}`,
      dataset: { testid: "message", ts: message.ts },
    },
    h("div", { class: "gutter" }, compact ? time(message) : avatar(message.user ?? message.bot_id)),
    h(
      "div",
      { class: "message-body" },
      notes(message),
      compact
        ? null
        : h(
            "div",
            { class: "byline" },
            h("strong", { class: "author" }, visibleText(author)),
            appBadge(message),
            time(message),
          ),
      content(message, channel),
      fileCards(message),
      reactionRow(message, channel),
      inThread ? null : replies(message, channel),
    ),
    message.ephemeral_to ? null : toolbar(message, channel, inThread),
  );
}

function authorOf(message) {
  return message.username ?? message.bot_profile?.name ?? userName(message.user ?? message.bot_id);
}

function appBadge(message) {
  return message.bot_id || isBot(message.user) ? h("span", { class: "badge" }, "App") : null;
}

function time(message) {
  return h(
    "time",
    { class: "time", title: exactTime(message.ts), datetime: momentOf(message.ts).toISOString() },
    clockTime(message.ts),
  );
}

function isPinned(message) {
  return (message.pinned_to ?? []).length > 0;
}

function dismissal({ channel, ts }) {
  const dismiss = () => telling(api.remove({ user: workspace.me, channel, ts }));
  return h(
    "button",
    { type: "button", class: "text-button", dataset: { testid: "dismiss" }, onclick: dismiss },
    "Dismiss",
  );
}

function notes(message) {
  return [
    message.ephemeral_to ? h("p", { class: "note" }, icon("eye"), "Only visible to you", dismissal(message)) : null,
    isPinned(message) ? h("p", { class: "note note-pin" }, icon("pin"), "Pinned") : null,
    message.subtype === "thread_broadcast"
      ? h("p", { class: "note" }, icon("reply"), "Also sent to the channel")
      : null,
  ];
}

function content(message, channel) {
  const edited = message.edited
    ? h("span", { class: "edited", title: exactTime(message.edited.ts) }, "(edited)")
    : null;
  if (!message.blocks?.length)
    return message.text ? h("div", { class: "text", dir: "auto" }, foldable(message.text), edited) : edited;
  const surface = createSurface({ channel, ts: message.ts });
  return [h("div", { class: "blocks" }, renderBlocks(message.blocks, surface)), attachments(message), edited];
}

function attachments(message) {
  return (message.attachments ?? []).map((each) =>
    h("div", { class: "attachment" }, mrkdwn(each.text ?? each.fallback ?? "")),
  );
}

function foldable(text) {
  if (text.length <= LONG_TEXT) return mrkdwn(text);
  const body = h("div", { class: "folded" }, mrkdwn(text.slice(0, MOST_DRAWN)));
  const more = h(
    "button",
    { type: "button", class: "text-button", "aria-expanded": "false", onclick: () => unfold(body, more) },
    "Show more",
  );
  const cut =
    text.length > MOST_DRAWN
      ? h("p", { class: "hint" }, `${(text.length - MOST_DRAWN).toLocaleString()} further characters are not drawn.`)
      : null;
  return [body, more, cut];
}

function unfold(body, more) {
  const folded = body.classList.toggle("folded");
  more.textContent = folded ? "Show more" : "Show less";
  more.setAttribute("aria-expanded", String(!folded));
}

function replies(message, channel) {
  if (!message.reply_count) return null;
  const faces = (message.reply_users ?? []).slice(0, 4).map(avatar);
  const last = message.latest_reply
    ? h("span", { class: "hint" }, `last reply ${ago(momentOf(message.latest_reply))}`)
    : null;
  return h(
    "button",
    {
      type: "button",
      class: "reply-summary",
      dataset: { testid: "replies" },
      onclick: () => goToThread(channel, message.thread_ts ?? message.ts),
    },
    h("span", { class: "faces" }, faces),
    h("span", { class: "reply-count" }, `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`),
    last,
  );
}

function toolbar(message, channel, inThread) {
  const tool = (name, label, testid, onclick) =>
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        title: label,
        "aria-label": label,
        "aria-haspopup": name === "reply" ? null : "menu",
        dataset: { testid },
        onclick,
      },
      icon(name),
    );
  return h(
    "div",
    { class: "toolbar", role: "group", "aria-label": "Message actions" },
    tool("smile", "Add a reaction", "react", (event) => openReactionPicker(event.currentTarget, message, channel)),
    inThread
      ? null
      : tool("reply", "Reply in thread", "open-thread", () => goToThread(channel, message.thread_ts ?? message.ts)),
    tool("more", "More actions", "message-menu", (event) => openMessageMenu(event.currentTarget, message, channel)),
  );
}

/** What is left of a deleted message that others answered. */
export function renderTombstone(message, { channel, inThread }) {
  return h(
    "article",
    { class: "message gone", dataset: { testid: "message", ts: message.ts } },
    h("div", { class: "gutter" }, icon("trash")),
    h("div", { class: "message-body" }, visibleText(message.text), inThread ? null : replies(message, channel)),
  );
}

/** A line for joins, topics and the like. */
export function renderNote(message) {
  return h(
    "div",
    { class: "system-line", dataset: { testid: "message", ts: message.ts } },
    h("span", {}, mrkdwn(message.text)),
  );
}

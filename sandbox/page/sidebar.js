// The list of channels, the app and direct messages, with marks for what a person has not read.

import { h, reconcile, visibleString } from "./dom.js";
import { icon } from "./icons.js";
import { goHome, goToChannel } from "./place.js";
import { channelName, people, workspace } from "./workspace.js";

const unread = new Set(); // "user channel"
const newest = new Map(); // channel -> ts of the newest message heard of; an edit carries an older one
const key = (user, channel) => `${user} ${channel}`;

/** The message `ts` changed in `channel`: where it is new, it is unread for everyone but the person looking at it. */
export function markUnread(channel, ts, { seenByMe }) {
  if (ts <= (newest.get(channel) ?? "")) return;
  newest.set(channel, ts);
  for (const { id } of people()) if (!(seenByMe && id === workspace.me)) unread.add(key(id, channel));
}

export function markRead(channel) {
  unread.delete(key(workspace.me, channel));
}

/** Draw the list into `list` with `place` as the current entry. */
export function drawSidebar(list, place) {
  const all = [...workspace.channels.values()];
  const entries = (channels) => channels.map((channel) => channelEntry(channel, place));
  const direct = all.filter((channel) => channel.is_im && channel.user === workspace.me);
  reconcile(list, [
    heading("Channels"),
    ...entries(all.filter((channel) => !channel.is_im)),
    heading("App"),
    homeEntry(place),
    ...(direct.length ? [heading("Direct messages"), ...entries(direct)] : []),
  ]);
}

function heading(text) {
  return {
    key: `heading-${text}`,
    signature: text,
    render: () => h("li", { class: "sidebar-heading", role: "presentation" }, text),
  };
}

function channelEntry(channel, place) {
  const name = channelName(channel.id);
  const facts = {
    testid: `channel-${name}`,
    label: visibleString(name),
    glyph: glyphOf(channel),
    current: place.channel === channel.id,
    isUnread: unread.has(key(workspace.me, channel.id)),
    archived: Boolean(channel.is_archived),
    open: () => goToChannel(channel.id),
  };
  return entry(channel.id, facts);
}

function glyphOf({ is_im: direct, is_private: closed }) {
  if (direct) return icon("reply");
  return closed ? icon("lock") : "#";
}

function homeEntry(place) {
  return entry("home", {
    testid: "app-home",
    label: `${workspace.app.name} home`,
    glyph: icon("home"),
    current: place.pane === "home",
    open: goHome,
  });
}

function entry(id, facts) {
  const { testid, label, glyph, current, isUnread = false, archived = false, open } = facts;
  const render = () =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `sidebar-entry${isUnread ? " unread" : ""}`,
          "aria-current": current ? "page" : null,
          dataset: { testid },
          onclick: open,
        },
        h("span", { class: "glyph", "aria-hidden": "true" }, glyph),
        h("span", { class: "entry-name" }, label),
        archived ? h("span", { class: "badge" }, "archived") : null,
        isUnread ? h("span", { class: "unread-mark" }, h("span", { class: "sr-only" }, "unread")) : null,
      ),
    );
  return { key: id, signature: JSON.stringify([label, current, isUnread, archived]), render };
}

/** Up and Down move through the entries. */
export function moveInSidebar(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const entries = [...event.currentTarget.querySelectorAll(".sidebar-entry")];
  const at = entries.indexOf(document.activeElement);
  if (!step || at === -1) return;
  event.preventDefault();
  entries[(at + step + entries.length) % entries.length].focus();
}

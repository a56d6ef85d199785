// What a person can do with a message: react, run one of the app's message shortcuts, copy its link, delete it.

import { api } from "./api.js";
import { confirmFirst } from "./confirm.js";
import { h, visibleString } from "./dom.js";
import { emojiText, FREQUENT_REACTIONS } from "./emoji.js";
import { icon } from "./icons.js";
import { closePopup, moveByArrows, openMenu, openPopup } from "./menu.js";
import { telling } from "./notices.js";
import { messageShortcuts, workspace } from "./workspace.js";

/** A small grid of emoji; choosing one reacts with it. */
export function openReactionPicker(anchor, message, channel) {
  const react = (name) => {
    closePopup();
    telling(api.react({ user: workspace.me, channel, ts: message.ts, name }));
  };
  const choice = (name) =>
    h(
      "button",
      {
        type: "button",
        class: "emoji-choice",
        title: `:${name}:`,
        "aria-label": name,
        dataset: { emoji: name },
        onclick: () => react(name),
      },
      emojiText(name),
    );
  const panel = h(
    "div",
    { class: "popup reaction-picker", role: "group", "aria-label": "Choose a reaction", onkeydown: moveByArrows },
    FREQUENT_REACTIONS.map(choice),
  );
  if (openPopup(anchor, panel)) panel.querySelector("button").focus();
}

/** The menu of one message. */
export function openMessageMenu(anchor, message, channel) {
  const react = () => openReactionPicker(anchor, message, channel);
  const items = [
    ...shortcutItems(message, channel),
    { label: "Add a reaction", icon: icon("smile"), onSelect: react },
    { label: "Copy link", icon: icon("link"), onSelect: () => copyLink(message, channel) },
  ];
  if (message.user === workspace.me) items.push(deleteItem(message, channel), ...fileItems(message));
  openMenu(anchor, "Message actions", items);
}

function shortcutItems(message, channel) {
  const run = (shortcut) =>
    telling(api.shortcut({ user: workspace.me, callback_id: shortcut.callback_id, channel, ts: message.ts }));
  const items = messageShortcuts().map((shortcut) => ({
    label: visibleString(shortcut.name),
    description: visibleString(shortcut.description),
    icon: icon("bolt"),
    dataset: { shortcut: shortcut.callback_id },
    onSelect: () => run(shortcut),
  }));
  return items.length ? [{ heading: workspace.app.name }, ...items, { heading: "Message" }] : [];
}

/** The address that leads back to a message. */
export function permalink(message, channel) {
  const thread =
    message.thread_ts && message.thread_ts !== message.ts ? `?thread_ts=${message.thread_ts}&cid=${channel}` : "";
  return `${location.origin}/archives/${channel}/p${message.ts.replace(".", "")}${thread}`;
}

function copyLink(message, channel) {
  navigator.clipboard?.writeText(permalink(message, channel)).catch(() => {});
}

function deleteItem(message, channel) {
  const question = {
    title: { text: "Delete this message?" },
    text: { text: "This cannot be undone." },
    confirm: { text: "Delete" },
    style: "danger",
  };
  const run = async () => {
    if (await confirmFirst(question)) telling(api.remove({ user: workspace.me, channel, ts: message.ts }));
  };
  return { label: "Delete message", danger: true, icon: icon("trash"), onSelect: run };
}

function fileItems(message) {
  const present = (message.files ?? []).filter((file) => file.mode !== "tombstone");
  return present.map((file) => ({
    label: `Delete file ${visibleString(file.name)}`,
    danger: true,
    icon: icon("trash"),
    onSelect: () => telling(api.remove({ user: workspace.me, file: file.id })),
  }));
}

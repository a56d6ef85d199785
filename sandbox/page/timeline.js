// A scrolling list of messages that follows what is new, unless the person is reading further up.

import { h, reconcile } from "./dom.js";
import { renderMessage, renderNote, renderTombstone } from "./message.js";
import { dayName, momentOf } from "./moments.js";
import { workspace } from "./workspace.js";

const NEAR_END_PX = 80;
const SAME_AUTHOR_SECONDS = 300; // messages closer than this share one byline
const NOTE_SUBTYPES = new Set([
  "channel_join",
  "channel_leave",
  "channel_topic",
  "channel_purpose",
  "channel_name",
  "channel_archive",
  "channel_unarchive",
  "pinned_item",
]);

/** `scroller` holds `list`; `pill` is the button that jumps to what is new. */
export function createTimeline({ scroller, list, pill }) {
  const timeline = { scroller, list, pill, subject: "", newest: "" };
  pill.addEventListener("click", () => toEnd(timeline));
  scroller.addEventListener(
    "scroll",
    () => {
      if (isNearEnd(timeline)) pill.hidden = true;
    },
    { passive: true },
  );
  // Pictures and long blocks that get their size late must not push the newest message out of sight.
  new ResizeObserver(() => {
    if (timeline.following) toEnd(timeline);
  }).observe(list);
  scroller.addEventListener(
    "scroll",
    () => {
      timeline.following = isNearEnd(timeline);
    },
    { passive: true },
  );
  return timeline;
}

/** Draw `messages`; `subject` names the channel or thread, a new one starts at the end. */
export function drawTimeline(timeline, messages, { subject, channel, inThread }) {
  const fresh = timeline.subject !== subject;
  if (fresh) timeline.list.replaceChildren();
  const follow = fresh || isNearEnd(timeline);
  const newest = messages.at(-1)?.ts ?? "";
  const arrived = newest > timeline.newest;
  Object.assign(timeline, { subject, newest, following: follow });
  reconcile(timeline.list, items(messages, { channel, inThread }));
  if (follow) toEnd(timeline);
  else if (arrived) timeline.pill.hidden = false;
}

function isNearEnd({ scroller }) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
}

function toEnd(timeline) {
  timeline.scroller.scrollTop = timeline.scroller.scrollHeight;
  timeline.following = true;
  timeline.pill.hidden = true;
}

function items(messages, context) {
  return messages.flatMap((message, index) => {
    const previous = messages[index - 1];
    const newDay = dayName(momentOf(message.ts)) !== (previous && dayName(momentOf(previous.ts)));
    const rootFirst = context.inThread && index === 1;
    const compact = !newDay && !rootFirst && continues(previous, message);
    const between = newDay && !context.inThread ? [dayItem(message)] : [];
    if (rootFirst) between.push(countItem(messages.length - 1));
    return [...between, messageItem(message, { ...context, compact })];
  });
}

function continues(previous, message) {
  if (
    !previous ||
    NOTE_SUBTYPES.has(previous.subtype) ||
    previous.subtype === "tombstone" ||
    message.subtype === "thread_broadcast"
  )
    return false;
  const sameAuthor = previous.user === message.user && !previous.ephemeral_to === !message.ephemeral_to;
  return (
    sameAuthor && !message.blocks && !previous.blocks && Number(message.ts) - Number(previous.ts) < SAME_AUTHOR_SECONDS
  );
}

function messageItem(message, context) {
  const signature = JSON.stringify([message, context.compact, workspace.me, context.channel]);
  const render = () => draw(message, context);
  return { key: `message-${message.ts}`, signature, render };
}

function draw(message, context) {
  if (NOTE_SUBTYPES.has(message.subtype)) return renderNote(message);
  if (message.subtype === "tombstone") return renderTombstone(message, context);
  return renderMessage(message, context);
}

function dayItem(message) {
  const name = dayName(momentOf(message.ts));
  return {
    key: `day-${name}`,
    signature: name,
    render: () => h("div", { class: "divider", role: "separator" }, h("span", {}, name)),
  };
}

function countItem(count) {
  const text = `${count} ${count === 1 ? "reply" : "replies"}`;
  return {
    key: "reply-count",
    signature: text,
    render: () => h("div", { class: "divider divider-left", role: "separator" }, h("span", {}, text)),
  };
}

// The reactions on a message; pressing one adds or takes back one's own.

import { api } from "./api.js";
import { h } from "./dom.js";
import { emojiText } from "./emoji.js";
import { telling } from "./notices.js";
import { userName, workspace } from "./workspace.js";

/** The row of reactions, or null. */
export function reactionRow(message, channel) {
  if (!message.reactions?.length) return null;
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map((reaction) => reactionButton(message, channel, reaction)),
  );
}

function reactionButton(message, channel, { name, count, users = [] }) {
  const mine = users.includes(workspace.me);
  const who = users.map(userName).join(", ");
  const toggle = () => telling(api.react({ user: workspace.me, channel, ts: message.ts, name, remove: mine }));
  return h(
    "button",
    {
      type: "button",
      class: `reaction${mine ? " mine" : ""}`,
      "aria-pressed": String(mine),
      title: `${who} reacted with :${name}:`,
      "aria-label": `${name}, ${count}`,
      dataset: { control: `reaction-${name}` },
      onclick: toggle,
    },
    emojiText(name),
    h("span", { class: "count" }, String(count ?? users.length)),
  );
}

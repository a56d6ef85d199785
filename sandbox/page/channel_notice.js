// What stands above a channel's composer: that it is archived, or that the app is not in it and can be invited.

import { api } from "./api.js";
import { fill, h, visibleString } from "./dom.js";
import { telling } from "./notices.js";
import { channelName, workspace } from "./workspace.js";

/** Whether the app hears what is written there. */
export function isAppIn(channelId) {
  const channel = workspace.channels.get(channelId);
  return Boolean(channel?.is_im || channel?.members?.includes(workspace.app.bot_user_id));
}

/** Fill `node` for `channelId`. Returns whether people can write there. */
export function drawChannelNotice(node, channelId) {
  const channel = workspace.channels.get(channelId);
  const archived = Boolean(channel?.is_archived);
  const uninvited = channel !== undefined && !isAppIn(channelId);
  node.hidden = !archived && !uninvited;
  if (archived) fill(node, h("span", {}, "This channel is archived: it can be read, but not written to."));
  else if (uninvited) fill(node, ...invitation(channelId));
  return !archived;
}

function invitation(channelId) {
  const app = visibleString(workspace.app.name);
  const invite = () =>
    telling(
      api.command({ user: workspace.me, channel: channelId, command: "/invite", text: `@${workspace.app.name}` }),
    );
  return [
    h("span", {}, `${app} is not in #${visibleString(channelName(channelId))}: it neither hears nor can answer here.`),
    h(
      "button",
      { type: "button", class: "button small", dataset: { testid: "invite" }, onclick: invite },
      `Invite ${app}`,
    ),
  ];
}

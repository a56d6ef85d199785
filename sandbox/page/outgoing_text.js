// From what a person typed to what Slack hands to apps.

import { escapeText } from "./mrkdwn.js";
import { channelName, userName, workspace } from "./workspace.js";

/** What a person typed, as Slack hands it to apps: escaped, `@Name` and `#channel` as references, addresses wrapped. */
export function asSlackText(typed) {
  const escaped = escapeText(typed).replace(/https?:\/\/[^\s<>|]{1,2000}/g, wrapAddress);
  const mentions = [...workspace.users.keys()].map((id) => [`@${userName(id)}`, `<@${id}>`]);
  const channels = [...workspace.channels.keys()].map((id) => [`#${channelName(id)}`, `<#${id}|${channelName(id)}>`]);
  const broadcasts = ["channel", "here", "everyone"].map((name) => [`@${name}`, `<!${name}>`]);
  return [...mentions, ...channels, ...broadcasts]
    .sort((one, other) => other[0].length - one[0].length)
    .reduce((text, [name, reference]) => replaceName(text, name, reference), escaped);
}

function wrapAddress(address) {
  const end = /[.,;:!?)]*$/.exec(address).index;
  return `<${address.slice(0, end)}>${address.slice(end)}`;
}

function replaceName(text, name, reference) {
  const pattern = new RegExp(
    `(?<![\\w<@#&/])${RegExp.escape?.(name) ?? name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`,
    "giu",
  );
  return text.replace(pattern, () => reference);
}

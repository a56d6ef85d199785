// What selects offer: the options of a block, the people, the channels, each as {value, label, description}.

import { visibleString } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { channelName, userName, workspace } from "./workspace.js";

/** The label of an option object, as plain text. */
export function labelOf(option) {
  return visibleString(withEmoji(option.text?.text ?? option.value ?? ""));
}

export const staticOptions = (spec) =>
  (spec.option_groups ? spec.option_groups.flatMap((group) => group.options) : (spec.options ?? [])).map(asChoice);
export const asChoice = (option) => ({
  value: option.value,
  label: labelOf(option),
  description: option.description?.text,
});
export const userChoices = () => [...workspace.users.values()].map(({ id }) => ({ value: id, label: userName(id) }));
export const channelChoices = () =>
  [...workspace.channels.values()]
    .filter((each) => !each.is_im)
    .map(({ id }) => ({ value: id, label: `#${channelName(id)}` }));

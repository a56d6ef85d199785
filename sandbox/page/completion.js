// Completion in a composer: `/command` at the start, `@person` and `#channel` in the text, `:emoji` names.

import { fill, freshId, h, visibleString } from "./dom.js";
import { emojiNames, emojiText } from "./emoji.js";
import { channelName, userName, workspace } from "./workspace.js";

const MOST_SHOWN = 8;
const INVITE = { command: "/invite", usage_hint: "@app", description: "Bring the app into this channel" }; // Slack's own

/** Attach completion to `input`; its list goes into `host`. Returns {isOpen, onKey}. */
export function attachCompletion(input, host, testid) {
  const list = h("ul", {
    class: "completion",
    role: "listbox",
    id: freshId("completion"),
    "aria-label": "Suggestions",
    hidden: true,
    dataset: { testid },
  });
  const state = { input, list, shown: [], active: 0 };
  host.append(list);
  for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-controls": list.id }))
    input.setAttribute(name, value);
  input.addEventListener("input", () => suggest(state));
  input.addEventListener("click", () => suggest(state));
  input.addEventListener("blur", () => close(state));
  return { isOpen: () => !list.hidden, onKey: (event) => onKey(state, event), close: () => close(state) };
}

function suggest(state) {
  const at = state.input.selectionStart;
  state.shown = suggestionsFor(state.input.value.slice(0, at)).slice(0, MOST_SHOWN);
  state.active = 0;
  draw(state);
}

function suggestionsFor(before) {
  const command = /^\/(\S*)$/.exec(before);
  if (command) return commandSuggestions(before);
  const [, mark, word] = /(?:^|[\s(])([@#:])([\w+.-]{0,30})$/.exec(before) ?? [];
  if (mark === "@") return personSuggestions(word);
  if (mark === "#") return channelSuggestions(word);
  if (mark === ":" && word.length >= 2)
    return emojiNames(word, MOST_SHOWN).map((name) => ({
      typed: word.length + 1,
      text: `:${name}:`,
      label: `${emojiText(name)}  :${name}:`,
    }));
  return [];
}

function commandSuggestions(before) {
  const own = [...workspace.app.commands, INVITE];
  const known = own.filter(({ command }) => command.startsWith(before));
  return known.map(({ command, description, usage_hint: usage }) => ({
    typed: before.length,
    text: `${command} `,
    label: [command, usage].filter(Boolean).join(" "),
    description,
  }));
}

function personSuggestions(word) {
  const names = [...workspace.users.keys()].filter((id) => id !== workspace.me);
  const bot = workspace.app.bot_user_id;
  const ids = [bot, ...names.filter((id) => id !== bot)].filter(Boolean);
  const found = ids.filter((id) => userName(id).toLowerCase().includes(word.toLowerCase()));
  return found.map((id) => ({
    typed: word.length + 1,
    text: `@${userName(id)} `,
    label: `@${userName(id)}`,
    description: id === bot ? "app" : "",
  }));
}

function channelSuggestions(word) {
  const ids = [...workspace.channels.values()].filter((channel) => !channel.is_im).map(({ id }) => id);
  return ids
    .filter((id) => channelName(id).includes(word.toLowerCase()))
    .map((id) => ({ typed: word.length + 1, text: `#${channelName(id)} `, label: `#${channelName(id)}` }));
}

function draw(state) {
  fill(
    state.list,
    state.shown.map((suggestion, index) => optionNode(state, suggestion, index)),
  );
  state.list.hidden = state.shown.length === 0;
  const active = state.list.children[state.active];
  if (active) state.input.setAttribute("aria-activedescendant", active.id);
  else state.input.removeAttribute("aria-activedescendant");
}

function optionNode(state, suggestion, index) {
  const take = (event) => {
    event.preventDefault();
    accept(state, suggestion);
  };
  return h(
    "li",
    {
      id: freshId("suggestion"),
      role: "option",
      "aria-selected": String(index === state.active),
      class: index === state.active ? "active" : null,
      onpointerdown: take,
    },
    visibleString(suggestion.label),
    suggestion.description ? h("span", { class: "menu-description" }, visibleString(suggestion.description)) : null,
  );
}

function accept(state, { typed, text }) {
  const { input } = state;
  const at = input.selectionStart;
  input.setRangeText(text, at - typed, at, "end");
  close(state);
  input.dispatchEvent(new Event("input"));
}

function close(state) {
  state.shown = [];
  draw(state);
}

// Enter on a command or name typed out in full sends it; completing it once more would only cost a key.
function isComplete({ input, shown, active }) {
  const { text, typed } = shown[active];
  const before = input.value.slice(0, input.selectionStart);
  return before.slice(-typed) === text.trim();
}

/** True when the key belonged to the list. */
function onKey(state, event) {
  if (state.list.hidden) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    state.active = (state.active + step + state.shown.length) % state.shown.length;
    draw(state);
  } else if (event.key === "Escape") close(state);
  else if ((event.key === "Enter" && !isComplete(state)) || (event.key === "Tab" && !event.shiftKey))
    accept(state, state.shown[state.active]);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}

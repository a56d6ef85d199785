// A combobox over a list of options: filters while typing, one or several choices.

import { fill, freshId, h, visibleString } from "./dom.js";
import { icon } from "./icons.js";

const ASK_AFTER_MS = 200;
const offered = new Map(); // "action_id value" -> option, for the labels of values put back into a picker drawn anew

/**
 * The options, [{value, label, description}], are `known`, or come from `load(query)`, later. Returns {node, read, write, onChange}; `read` gives the
 * chosen value, or the list of them with `many`.
 */
export function createPicker({ label, placeholder, many, most, chosen, known, load, actionId }) {
  const listId = freshId("options");
  const state = {
    chosen: [...chosen],
    shown: [],
    active: -1,
    asked: 0,
    timer: 0,
    many,
    most,
    known,
    load,
    actionId,
    changed: () => {},
  };
  state.input = h("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    "aria-label": label,
    placeholder,
    dataset: { actionId },
  });
  state.list = h("ul", { class: "picker-options", role: "listbox", id: listId, "aria-label": label, hidden: true });
  state.chips = h("span", { class: "chips" });
  state.node = h("div", { class: "picker" }, state.chips, state.input, state.list);
  listen(state);
  drawChosen(state);
  return {
    node: state.node,
    read: () => (many ? state.chosen.map((option) => option.value) : (state.chosen[0]?.value ?? null)),
    write: (value) => {
      writeChosen(state, value);
    },
    onChange: (listener) => {
      state.changed = listener;
    },
  };
}

function writeChosen(state, value) {
  const wanted = [value].flat().filter((each) => each !== null);
  const known = [...state.chosen, ...(state.known ?? [])];
  const optionOf = (each) => known.find((option) => option.value === each) ?? offered.get(`${state.actionId} ${each}`);
  state.chosen = wanted.map((each) => optionOf(each) ?? { value: each, label: each });
  drawChosen(state);
}

function listen(state) {
  state.input.addEventListener("focus", () => ask(state, 0));
  state.input.addEventListener("click", () => state.list.hidden && ask(state, 0));
  state.input.addEventListener("input", () => ask(state, ASK_AFTER_MS));
  state.input.addEventListener("keydown", (event) => onKey(state, event));
  state.node.addEventListener("focusout", (event) => {
    if (!state.node.contains(event.relatedTarget)) close(state);
  });
}

// A list that is known is there at once. For one the app is asked for, nothing can be chosen until the answer to the newest
// question is here: answers may come out of order.
function ask(state, delay_ms) {
  clearTimeout(state.timer);
  const number = (state.asked += 1);
  if (state.known) {
    offer(state, matching(state.known, queryOf(state)));
    return;
  }
  Object.assign(state, { shown: [], active: -1 });
  state.timer = setTimeout(async () => {
    const shown = await state.load(queryOf(state));
    if (number === state.asked && state.node.contains(document.activeElement)) offer(state, shown);
  }, delay_ms);
}

function matching(options, query) {
  return options.filter(({ label }) => label.toLowerCase().includes(query.toLowerCase()));
}

function offer(state, shown) {
  for (const option of shown) offered.set(`${state.actionId} ${option.value}`, option);
  Object.assign(state, { shown, active: shown.length ? 0 : -1 });
  drawList(state);
}

function queryOf(state) {
  const single = state.many ? null : state.chosen[0];
  return single && state.input.value === single.label ? "" : state.input.value.trim();
}

function drawList(state) {
  const options = state.shown.map((option, index) => optionNode(state, option, index));
  fill(state.list, options.length ? options : h("li", { class: "picker-empty" }, "Nothing matches"));
  state.list.hidden = false;
  state.input.setAttribute("aria-expanded", "true");
  const active = state.list.children[state.active];
  if (active?.id) state.input.setAttribute("aria-activedescendant", active.id);
  else state.input.removeAttribute("aria-activedescendant");
  active?.scrollIntoView({ block: "nearest" });
}

function optionNode(state, option, index) {
  const selected = isChosen(state, option);
  return h(
    "li",
    {
      id: freshId("option"),
      role: "option",
      "aria-selected": String(selected),
      class: index === state.active ? "active" : null,
      onpointerdown: (event) => {
        event.preventDefault();
        choose(state, option);
      },
    },
    h("span", { class: "tick", "aria-hidden": "true" }, selected ? "✓" : ""),
    visibleString(option.label),
    option.description ? h("span", { class: "menu-description" }, visibleString(option.description)) : null,
  );
}

function isChosen(state, option) {
  return state.chosen.some((each) => each.value === option.value);
}

function onKey(state, event) {
  if (event.key === "Escape" && !state.list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    close(state);
    return;
  }
  if (event.key === "Backspace" && state.many && state.input.value === "" && state.chosen.length)
    choose(state, state.chosen.at(-1));
  if (event.key === "Enter") {
    event.preventDefault();
    if (!state.list.hidden && state.shown[state.active]) choose(state, state.shown[state.active]);
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  if (state.list.hidden) {
    ask(state, 0);
    return;
  }
  state.active = (state.active + step + state.shown.length) % (state.shown.length || 1);
  drawList(state);
}

function choose(state, option) {
  if (!state.many) state.chosen = [option];
  else if (isChosen(state, option)) state.chosen = state.chosen.filter((each) => each.value !== option.value);
  else if (!state.most || state.chosen.length < state.most) state.chosen.push(option);
  state.input.value = "";
  drawChosen(state);
  if (state.many) drawList(state);
  else close(state);
  state.changed();
}

function close(state) {
  clearTimeout(state.timer);
  state.asked += 1;
  state.list.hidden = true;
  state.input.setAttribute("aria-expanded", "false");
  state.input.removeAttribute("aria-activedescendant");
  if (!state.many) state.input.value = state.chosen[0]?.label ?? "";
}

function drawChosen(state) {
  if (!state.many) {
    state.input.value = state.chosen[0]?.label ?? "";
    return;
  }
  fill(
    state.chips,
    state.chosen.map((option) =>
      h(
        "button",
        {
          type: "button",
          class: "chip",
          "aria-label": `Remove ${option.label}`,
          onclick: () => {
            choose(state, option);
            close(state);
            state.input.focus();
          },
        },
        visibleString(option.label),
        icon("close"),
      ),
    ),
  );
}

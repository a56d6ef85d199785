// The elements that hold a value. Each kind is drawn by one function of (spec, slot) that gives {node, read, write, onChange}.

import { externalOptions } from "./surface.js";
import { asChoice, channelChoices, staticOptions, userChoices } from "./choices.js";
import { freshId, h, visibleString } from "./dom.js";
import { fileInput } from "./file_input.js";
import { textObject } from "./mrkdwn.js";
import { createPicker } from "./picker.js";

function nameOf(spec, slot) {
  return slot.labelId
    ? { "aria-labelledby": slot.labelId, "aria-describedby": slot.describedBy }
    : { "aria-label": spec.placeholder?.text ?? slot.label ?? spec.action_id };
}

function control(tag, spec, slot, props = {}) {
  return h(tag, {
    ...nameOf(spec, slot),
    placeholder: spec.placeholder ? visibleString(spec.placeholder.text) : null,
    dataset: { actionId: spec.action_id ?? "" },
    ...props,
  });
}

function textField(type, props = () => ({})) {
  return (spec, slot) => {
    const tag = spec.multiline ? "textarea" : "input";
    const shape = tag === "input" ? { type } : { rows: "4" };
    const node = control(tag, spec, slot, {
      ...shape,
      minlength: spec.min_length,
      maxlength: spec.max_length,
      ...props(spec),
    });
    node.value = spec.initial_value ?? "";
    return {
      node,
      read: () => node.value || null,
      write: (value) => {
        node.value = value ?? "";
      },
      onChange: textChanges(spec, node),
    };
  };
}

function textChanges(spec, node) {
  const triggers = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  return (listener) => {
    if (triggers.includes("on_character_entered")) node.addEventListener("input", listener);
    if (!triggers.includes("on_enter_pressed") || spec.multiline) return;
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter") listener();
    });
  };
}

function momentField(type, initialKey, toRaw = (text) => text || null, fromRaw = (raw) => raw ?? "") {
  return (spec, slot) => {
    const node = control("input", spec, slot, { type });
    node.value = fromRaw(spec[initialKey]);
    return {
      node,
      read: () => toRaw(node.value),
      write: (raw) => {
        node.value = fromRaw(raw);
      },
      onChange: (listener) => node.addEventListener("change", listener),
    };
  };
}

function localMinute(seconds) {
  if (!seconds) return "";
  const moment = new Date(seconds * 1000);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function singleSelect(choices, initial) {
  return (spec, slot) => {
    const node = control("select", spec, slot);
    node.append(h("option", { value: "" }, visibleString(spec.placeholder?.text ?? "Choose…")));
    if (spec.option_groups) node.append(...spec.option_groups.map((group) => optionGroup(group)));
    else node.append(...choices(spec).map(optionNode));
    node.value = initial(spec) ?? "";
    return {
      node,
      read: () => node.value || null,
      write: (value) => {
        node.value = value ?? "";
      },
      onChange: (listener) => node.addEventListener("change", listener),
    };
  };
}

function optionNode({ value, label }) {
  return h("option", { value }, label);
}

function optionGroup(group) {
  return h(
    "optgroup",
    { label: visibleString(group.label?.text) },
    group.options.map((option) => optionNode(asChoice(option))),
  );
}

function pickerField(many, choices, initial) {
  return (spec, slot) => {
    const known = choices(spec);
    const chosen = initial(spec).map((value) =>
      typeof value === "string"
        ? (known.find((each) => each.value === value) ?? { value, label: value })
        : asChoice(value),
    );
    const source = spec.type.endsWith("external_select") ? { load: askApp(spec, slot) } : { known };
    const label = slot.label ?? spec.placeholder?.text ?? spec.action_id;
    return createPicker({
      label,
      placeholder: spec.placeholder?.text ?? "",
      many,
      most: spec.max_selected_items,
      chosen,
      ...source,
      actionId: spec.action_id ?? "",
    });
  };
}

function askApp(spec, slot) {
  const least = spec.min_query_length ?? 3;
  return async (query) => {
    if (query.length < least) return [];
    return (await externalOptions(slot.surface, slot.blockId, spec.action_id, query)).map(asChoice);
  };
}

function tickField(type, initial, read, write) {
  return (spec, slot) => {
    const name = freshId("ticks");
    const group = h("div", { class: "ticks", role: type === "radio" ? "radiogroup" : "group", ...nameOf(spec, slot) });
    group.append(...(spec.options ?? []).map((option) => tick(type, name, spec, option, initial(spec))));
    const boxes = [...group.querySelectorAll("input")];
    return {
      node: group,
      read: () => read(boxes),
      write: (value) => write(boxes, value),
      onChange: (listener) => group.addEventListener("change", listener),
    };
  };
}

function tick(type, name, spec, option, initial) {
  const box = h("input", {
    type,
    name,
    value: option.value,
    checked: initial.includes(option.value),
    dataset: { actionId: spec.action_id ?? "" },
  });
  const description = option.description ? h("span", { class: "hint" }, textObject(option.description)) : null;
  return h("label", { class: "tick-label" }, box, h("span", {}, textObject(option.text), description));
}

const valuesOf = (options) => (options ?? []).map((option) => option.value);
const tickedValues = (boxes) => boxes.filter((box) => box.checked).map((box) => box.value);
const tickAll = (boxes, values) =>
  boxes.forEach((box) => {
    box.checked = [values].flat().includes(box.value);
  });

/** How each kind is drawn. */
export const FIELDS = {
  plain_text_input: textField("text"),
  email_text_input: textField("email"),
  url_text_input: textField("url"),
  number_input: textField("text", (spec) => ({ inputmode: spec.is_decimal_allowed ? "decimal" : "numeric" })),
  rich_text_input: textField("text"),
  datepicker: momentField("date", "initial_date"),
  timepicker: momentField("time", "initial_time"),
  datetimepicker: momentField(
    "datetime-local",
    "initial_date_time",
    (text) => (text ? Math.floor(new Date(text).getTime() / 1000) : null),
    localMinute,
  ),
  static_select: singleSelect(staticOptions, (spec) => spec.initial_option?.value),
  users_select: singleSelect(userChoices, (spec) => spec.initial_user),
  channels_select: singleSelect(channelChoices, (spec) => spec.initial_channel),
  conversations_select: singleSelect(channelChoices, (spec) => spec.initial_conversation),
  external_select: pickerField(
    false,
    () => [],
    (spec) => [spec.initial_option].filter(Boolean),
  ),
  multi_static_select: pickerField(true, staticOptions, (spec) => spec.initial_options ?? []),
  multi_external_select: pickerField(
    true,
    () => [],
    (spec) => spec.initial_options ?? [],
  ),
  multi_users_select: pickerField(true, userChoices, (spec) => spec.initial_users ?? []),
  multi_channels_select: pickerField(true, channelChoices, (spec) => spec.initial_channels ?? []),
  multi_conversations_select: pickerField(true, channelChoices, (spec) => spec.initial_conversations ?? []),
  radio_buttons: tickField(
    "radio",
    (spec) => valuesOf([spec.initial_option].filter(Boolean)),
    (boxes) => tickedValues(boxes)[0] ?? null,
    tickAll,
  ),
  checkboxes: tickField("checkbox", (spec) => valuesOf(spec.initial_options), tickedValues, tickAll),
  file_input: fileInput,
};

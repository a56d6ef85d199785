// Block Kit's interactive elements. Each kind is drawn by one function that gives {node, read, write, onChange}; `element`
// makes a field of it and, where its block says so, tells the app at each change.

import { h, freshId, safeHref, visibleString } from "./dom.js";
import { fileInput } from "./file_input.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { textObject } from "./mrkdwn.js";
import { withEmoji } from "./emoji.js";
import { createPicker } from "./picker.js";
import { act, externalOptions } from "./surface.js";
import { channelName, userName, workspace } from "./workspace.js";

/** Draw `spec`. `slot` is {surface, blockId, dispatches, label, labelId}. Unknown kinds say what they are. */
export function element(spec, slot) {
  if (spec.type === "button" || spec.type === "workflow_button") return button(spec, slot);
  if (spec.type === "overflow") return overflow(spec, slot);
  const draw = Object.hasOwn(FIELDS, spec.type) ? FIELDS[spec.type] : null;
  if (!draw) return h("span", { class: "unknown-block" }, visibleString(`Unknown element: ${spec.type}`));
  return field(spec, slot, draw(spec, slot));
}

function field(spec, slot, drawn) {
  slot.surface.fields.push({ blockId: slot.blockId, actionId: spec.action_id, read: drawn.read, write: drawn.write });
  let last = drawn.read();
  drawn.onChange(async () => {
    if (!slot.dispatches) return;
    const accepted = await act(slot.surface, slot.blockId, spec, drawn.read());
    if (accepted) last = drawn.read(); else drawn.write(last);
  });
  if (spec.focus_on_load) queueMicrotask(() => focusFirst(drawn.node));
  return drawn.node;
}

function focusFirst(node) {
  (node.matches("input, textarea, select") ? node : node.querySelector("input, textarea, select"))?.focus();
}

function button(spec, slot) {
  const style = { primary: "primary", danger: "danger" }[spec.style] ?? "";
  const shared = { class: `button ${style}`, "aria-label": spec.accessibility_label, dataset: { actionId: spec.action_id ?? "" } };
  const press = async (event) => {
    const node = event.currentTarget;
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    await act(slot.surface, slot.blockId, spec, spec.value ?? null).finally(() => node.removeAttribute("aria-busy"));
  };
  const href = spec.url ? safeHref(spec.url) : null;
  if (href) return h("a", { ...shared, href, target: "_blank", rel: "noopener noreferrer", onclick: press }, textObject(spec.text));
  return h("button", { ...shared, type: "button", onclick: press }, textObject(spec.text));
}

function overflow(spec, slot) {
  const item = (option) => ({
    label: labelOf(option), description: option.description?.text, href: option.url ? safeHref(option.url) : null,
    dataset: { value: option.value }, onSelect: () => act(slot.surface, slot.blockId, spec, option.value),
  });
  const open = (event) => openMenu(event.currentTarget, "More actions", (spec.options ?? []).map(item));
  return h("button", {
    type: "button", class: "button icon-only", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false",
    dataset: { actionId: spec.action_id ?? "" }, onclick: open,
  }, icon("more"));
}

function labelOf(option) {
  return visibleString(withEmoji(option.text?.text ?? option.value ?? ""));
}

function nameOf(spec, slot) {
  return slot.labelId ? { "aria-labelledby": slot.labelId, "aria-describedby": slot.describedBy } : { "aria-label": spec.placeholder?.text ?? slot.label ?? spec.action_id };
}

function control(tag, spec, slot, props = {}) {
  return h(tag, { ...nameOf(spec, slot), placeholder: spec.placeholder ? visibleString(spec.placeholder.text) : null, dataset: { actionId: spec.action_id ?? "" }, ...props });
}

function textField(type, props = () => ({})) {
  return (spec, slot) => {
    const tag = spec.multiline ? "textarea" : "input";
    const shape = tag === "input" ? { type } : { rows: "4" };
    const node = control(tag, spec, slot, { ...shape, minlength: spec.min_length, maxlength: spec.max_length, ...props(spec) });
    node.value = spec.initial_value ?? "";
    return { node, read: () => node.value || null, write: (value) => { node.value = value ?? ""; }, onChange: textChanges(spec, node) };
  };
}

function textChanges(spec, node) {
  const triggers = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  return (listener) => {
    if (triggers.includes("on_character_entered")) node.addEventListener("input", listener);
    if (!triggers.includes("on_enter_pressed") || spec.multiline) return;
    node.addEventListener("keydown", (event) => { if (event.key === "Enter") listener(); });
  };
}

function momentField(type, initialKey, toRaw = (text) => text || null, fromRaw = (raw) => raw ?? "") {
  return (spec, slot) => {
    const node = control("input", spec, slot, { type });
    node.value = fromRaw(spec[initialKey]);
    return { node, read: () => toRaw(node.value), write: (raw) => { node.value = fromRaw(raw); }, onChange: (listener) => node.addEventListener("change", listener) };
  };
}

function localMinute(seconds) {
  if (!seconds) return "";
  const moment = new Date(seconds * 1000);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const staticOptions = (spec) => (spec.option_groups ? spec.option_groups.flatMap((group) => group.options) : spec.options ?? []).map(asChoice);
const asChoice = (option) => ({ value: option.value, label: labelOf(option), description: option.description?.text });
const userChoices = () => [...workspace.users.values()].map(({ id }) => ({ value: id, label: userName(id) }));
const channelChoices = () => [...workspace.channels.values()].filter((each) => !each.is_im).map(({ id }) => ({ value: id, label: `#${channelName(id)}` }));

function singleSelect(choices, initial) {
  return (spec, slot) => {
    const node = control("select", spec, slot);
    node.append(h("option", { value: "" }, visibleString(spec.placeholder?.text ?? "Choose…")));
    if (spec.option_groups) node.append(...spec.option_groups.map((group) => optionGroup(group)));
    else node.append(...choices(spec).map(optionNode));
    node.value = initial(spec) ?? "";
    return { node, read: () => node.value || null, write: (value) => { node.value = value ?? ""; }, onChange: (listener) => node.addEventListener("change", listener) };
  };
}

function optionNode({ value, label }) {
  return h("option", { value }, label);
}

function optionGroup(group) {
  return h("optgroup", { label: visibleString(group.label?.text) }, group.options.map((option) => optionNode(asChoice(option))));
}

function pickerField(many, choices, initial) {
  return (spec, slot) => {
    const known = choices(spec);
    const chosen = initial(spec).map((value) => (typeof value === "string" ? known.find((each) => each.value === value) ?? { value, label: value } : asChoice(value)));
    const source = spec.type.endsWith("external_select") ? { load: askApp(spec, slot) } : { known };
    const label = slot.label ?? spec.placeholder?.text ?? spec.action_id;
    return createPicker({ label, placeholder: spec.placeholder?.text ?? "", many, most: spec.max_selected_items, chosen, ...source, actionId: spec.action_id ?? "" });
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
    return { node: group, read: () => read(boxes), write: (value) => write(boxes, value), onChange: (listener) => group.addEventListener("change", listener) };
  };
}

function tick(type, name, spec, option, initial) {
  const box = h("input", { type, name, value: option.value, checked: initial.includes(option.value), dataset: { actionId: spec.action_id ?? "" } });
  const description = option.description ? h("span", { class: "hint" }, textObject(option.description)) : null;
  return h("label", { class: "tick-label" }, box, h("span", {}, textObject(option.text), description));
}

const valuesOf = (options) => (options ?? []).map((option) => option.value);
const tickedValues = (boxes) => boxes.filter((box) => box.checked).map((box) => box.value);
const tickAll = (boxes, values) => boxes.forEach((box) => { box.checked = [values].flat().includes(box.value); });

const FIELDS = {
  plain_text_input: textField("text"),
  email_text_input: textField("email"),
  url_text_input: textField("url"),
  number_input: textField("text", (spec) => ({ inputmode: spec.is_decimal_allowed ? "decimal" : "numeric" })),
  rich_text_input: textField("text"),
  datepicker: momentField("date", "initial_date"),
  timepicker: momentField("time", "initial_time"),
  datetimepicker: momentField("datetime-local", "initial_date_time", (text) => (text ? Math.floor(new Date(text).getTime() / 1000) : null), localMinute),
  static_select: singleSelect(staticOptions, (spec) => spec.initial_option?.value),
  users_select: singleSelect(userChoices, (spec) => spec.initial_user),
  channels_select: singleSelect(channelChoices, (spec) => spec.initial_channel),
  conversations_select: singleSelect(channelChoices, (spec) => spec.initial_conversation),
  external_select: pickerField(false, () => [], (spec) => [spec.initial_option].filter(Boolean)),
  multi_static_select: pickerField(true, staticOptions, (spec) => spec.initial_options ?? []),
  multi_external_select: pickerField(true, () => [], (spec) => spec.initial_options ?? []),
  multi_users_select: pickerField(true, userChoices, (spec) => spec.initial_users ?? []),
  multi_channels_select: pickerField(true, channelChoices, (spec) => spec.initial_channels ?? []),
  multi_conversations_select: pickerField(true, channelChoices, (spec) => spec.initial_conversations ?? []),
  radio_buttons: tickField("radio", (spec) => valuesOf([spec.initial_option].filter(Boolean)), (boxes) => tickedValues(boxes)[0] ?? null, tickAll),
  checkboxes: tickField("checkbox", (spec) => valuesOf(spec.initial_options), tickedValues, tickAll),
  file_input: fileInput,
};

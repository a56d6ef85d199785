// Block Kit's interactive elements: buttons and menus, and the fields that hold a value, which tell the app of each change
// where their block says so.

import { labelOf } from "./choices.js";
import { h, safeHref, visibleString } from "./dom.js";
import { FIELDS } from "./fields.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { textObject } from "./mrkdwn.js";
import { act } from "./surface.js";

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
    if (accepted) last = drawn.read();
    else drawn.write(last);
  });
  if (spec.focus_on_load) queueMicrotask(() => focusFirst(drawn.node));
  return drawn.node;
}

function focusFirst(node) {
  (node.matches("input, textarea, select") ? node : node.querySelector("input, textarea, select"))?.focus();
}

function button(spec, slot) {
  const style = { primary: "primary", danger: "danger" }[spec.style] ?? "";
  const shared = {
    class: `button ${style}`,
    "aria-label": spec.accessibility_label,
    dataset: { actionId: spec.action_id ?? "" },
  };
  const press = async (event) => {
    const node = event.currentTarget;
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    await act(slot.surface, slot.blockId, spec, spec.value ?? null).finally(() => node.removeAttribute("aria-busy"));
  };
  const href = spec.url ? safeHref(spec.url) : null;
  if (href)
    return h(
      "a",
      { ...shared, href, target: "_blank", rel: "noopener noreferrer", onclick: press },
      textObject(spec.text),
    );
  return h("button", { ...shared, type: "button", onclick: press }, textObject(spec.text));
}

function overflow(spec, slot) {
  const item = (option) => ({
    label: labelOf(option),
    description: option.description?.text,
    href: option.url ? safeHref(option.url) : null,
    dataset: { value: option.value },
    onSelect: () => act(slot.surface, slot.blockId, spec, option.value),
  });
  const open = (event) => openMenu(event.currentTarget, "More actions", (spec.options ?? []).map(item));
  return h(
    "button",
    {
      type: "button",
      class: "button icon-only",
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      dataset: { actionId: spec.action_id ?? "" },
      onclick: open,
    },
    icon("more"),
  );
}

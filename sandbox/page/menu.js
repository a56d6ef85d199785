// Pop-up menus and small panels anchored to a button: one open at a time, arrow keys, Escape, focus handed back.

import { h, fill } from "./dom.js";

const MARGIN_PX = 8;
let open = null;

/** Close whatever is open; with `returnFocus`, back to the button that opened it. */
export function closePopup(returnFocus = true) {
  if (!open) return;
  const { panel, anchor, onClose } = open;
  open = null;
  panel.remove();
  anchor.setAttribute("aria-expanded", "false");
  onClose?.();
  if (returnFocus && anchor.isConnected) anchor.focus({ preventScroll: true });
}

/** Show `panel` near `anchor`. Inside a dialog it stays inside, where it can be reached. */
export function openPopup(anchor, panel, { onClose } = {}) {
  const toggled = open?.anchor === anchor;
  closePopup(toggled);
  if (toggled) return false;
  (anchor.closest("dialog") ?? document.body).append(panel);
  anchor.setAttribute("aria-expanded", "true");
  open = { panel, anchor, onClose };
  placeNear(anchor, panel);
  return true;
}

function placeNear(anchor, panel) {
  const from = anchor.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const left = Math.min(from.left, window.innerWidth - size.width - MARGIN_PX);
  const below = from.bottom + 4;
  const fits = below + size.height < window.innerHeight - MARGIN_PX;
  panel.style.left = `${Math.max(MARGIN_PX, left)}px`;
  panel.style.top = `${fits ? below : Math.max(MARGIN_PX, from.top - size.height - 4)}px`;
}

/**
 * A menu of actions. An item is {label, onSelect, description, icon, danger, href, dataset}, or {heading}.
 * Focus starts on the first item.
 */
export function openMenu(anchor, label, items) {
  const panel = h("div", { class: "popup menu", role: "menu", "aria-label": label, onkeydown: moveByArrows });
  fill(panel, items.map(menuItem));
  if (openPopup(anchor, panel)) rovingItems(panel)[0]?.focus();
}

function menuItem(item) {
  if (item.heading) return h("div", { class: "menu-heading", role: "presentation" }, item.heading);
  const select = () => {
    closePopup();
    item.onSelect?.();
  };
  const classes = `menu-item${item.danger ? " danger" : ""}`;
  const content = [item.icon ?? null, h("span", { class: "menu-label" }, item.label, describe(item.description))];
  const shared = { class: classes, role: "menuitem", tabindex: "-1", dataset: item.dataset ?? {}, onclick: select };
  if (item.href) return h("a", { ...shared, href: item.href, target: "_blank", rel: "noopener noreferrer" }, content);
  return h("button", { ...shared, type: "button" }, content);
}

function describe(description) {
  return description ? h("span", { class: "menu-description" }, description) : null;
}

function rovingItems(panel) {
  return [...panel.querySelectorAll("[role=menuitem], [role=option], .emoji-choice")];
}

/** Arrow keys, Home and End move through the items of a panel. */
export function moveByArrows(event) {
  const items = rovingItems(event.currentTarget);
  const at = items.indexOf(document.activeElement);
  const steps = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: items.length - 1,
  };
  if (event.key === "Tab") {
    event.preventDefault();
    closePopup();
    return;
  }
  if (!(event.key in steps) || items.length === 0) return;
  event.preventDefault();
  items[(steps[event.key] + items.length) % items.length].focus();
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !open) return;
    event.preventDefault();
    event.stopPropagation();
    closePopup();
  },
  true,
);

document.addEventListener(
  "pointerdown",
  (event) => {
    if (open && !open.panel.contains(event.target) && !open.anchor.contains(event.target)) closePopup(false);
  },
  true,
);

window.addEventListener("resize", () => closePopup(false));

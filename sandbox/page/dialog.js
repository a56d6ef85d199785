// Modal dialogs: the native element, with Tab kept inside and focus given back to where it came from.

import { h } from "./dom.js";
import { closePopup } from "./menu.js";

const FOCUSABLE =
  "a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex='0']";

/** Open a dialog around `content`. `onDismiss` decides what Escape does (by default it closes). Returns the element. */
export function openDialog({ label, testid, content, small, onDismiss, onClose }) {
  closePopup(false);
  const returnTo = rememberFocus();
  const dialog = h("dialog", { class: small ? "dialog small" : "dialog", "aria-label": label, dataset: { testid } });
  dialog.append(...content, h("div", { class: "notices", "aria-live": "polite" }));
  dialog.addEventListener("cancel", (event) => {
    if (event.target === dialog && onDismiss) {
      event.preventDefault();
      onDismiss();
    }
  });
  dialog.addEventListener("keydown", keepTabInside);
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.();
    returnTo();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// The element itself may be redrawn while the dialog is open, so it is also remembered by its name and place.
function rememberFocus() {
  const element = document.activeElement;
  const scope = element?.closest?.("[data-key]")?.dataset.key;
  const actionId = element?.dataset?.actionId ?? element?.dataset?.testid;
  return () => {
    if (element?.isConnected && element !== document.body) focusAnew(element);
    else focusNamed(scope, actionId);
  };
}

// The browser has focused it already, but its caret went with the dialog: without a new focus, typing does nothing.
function focusAnew(element) {
  element.blur();
  element.focus({ preventScroll: true });
}

function focusNamed(scope, name) {
  const root = scope ? document.querySelector(`[data-key="${CSS.escape(scope)}"]`) : document;
  const target =
    name && root?.querySelector(`[data-action-id="${CSS.escape(name)}"], [data-testid="${CSS.escape(name)}"]`);
  (target ?? document.querySelector("[data-testid=composer]"))?.focus({ preventScroll: true });
}

/** The elements Tab reaches inside `root`, in order. */
function focusables(root) {
  return [...root.querySelectorAll(FOCUSABLE)].filter((element) => element.checkVisibility());
}

function keepTabInside(event) {
  if (event.key !== "Tab") return;
  const inside = focusables(event.currentTarget);
  const edge = event.shiftKey ? inside[0] : inside.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? inside.at(-1) : inside[0])?.focus();
}

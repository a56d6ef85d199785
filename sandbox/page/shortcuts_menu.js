// The menu of the app's global shortcuts.

import { api } from "./api.js";
import { visibleString } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { telling } from "./notices.js";
import { globalShortcuts, workspace } from "./workspace.js";

/** Wire `button`; it stays hidden while the app has no global shortcuts. */
export function createShortcutsMenu(button) {
  button.addEventListener("click", () => openMenu(button, "Shortcuts", globalShortcuts().map(item)));
}

export function drawShortcutsMenu(button) {
  button.hidden = globalShortcuts().length === 0;
}

function item({ callback_id: callbackId, name, description }) {
  return {
    label: visibleString(name),
    description: visibleString(description),
    icon: icon("bolt"),
    dataset: { shortcut: callbackId },
    onSelect: () => telling(api.shortcut({ user: workspace.me, callback_id: callbackId })),
  };
}

// Asking before an act: the confirm object of Block Kit, in a dialog of its own.

import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { openDialog } from "./dialog.js";

/** Resolves to true when the person confirms, false when they decline or press Escape. */
export function confirmFirst({ title, text, confirm, deny, style }) {
  return new Promise((resolve) => {
    const settle = (answer) => () => {
      resolve(answer);
      dialog.close();
    };
    const yes = h(
      "button",
      {
        type: "button",
        class: `button ${style === "danger" ? "danger" : "primary"}`,
        dataset: { testid: "confirm" },
        onclick: settle(true),
      },
      label(confirm, "Yes"),
    );
    const no = h(
      "button",
      { type: "button", class: "button", dataset: { testid: "deny" }, onclick: settle(false) },
      label(deny, "Cancel"),
    );
    const dialog = openDialog({
      label: title?.text ?? "Are you sure?",
      testid: "confirm-dialog",
      small: true,
      content: [
        h("h2", {}, textObject(title ?? "Are you sure?")),
        h("div", {}, textObject(text)),
        h("div", { class: "dialog-actions" }, no, yes),
      ],
      onClose: () => resolve(false),
    });
    no.focus();
  });
}

function label(text, fallback) {
  return text ? textObject(text) : fallback;
}

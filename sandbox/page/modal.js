// Modals of the app: the top of the person's stack in a dialog, with errors under their fields.

import { api } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { openDialog } from "./dialog.js";
import { fill, h, visibleText } from "./dom.js";
import { icon } from "./icons.js";
import { textObject } from "./mrkdwn.js";
import { notify, sentenceFor, telling } from "./notices.js";
import { createSurface, fieldValues, restoreValues } from "./surface.js";
import { workspace } from "./workspace.js";

const typed = new Map(); // view id -> values, for the views under the top of the stack
const dismissed = new Set(); // ids of views the person has closed, whether or not the sandbox knows yet
let known = []; // the stack as last read
let shown = null;

/** Bring the dialog in line with `stack` (lowest first); an empty stack closes it. */
function drawModals(read) {
  known = read;
  const stack = read.filter(({ id }) => !dismissed.has(id));
  const view = stack.at(-1);
  if (shown) typed.set(shown.view.id, fieldValues(shown.surface));
  for (const id of typed.keys()) if (!stack.some((each) => each.id === id)) typed.delete(id);
  if (!view) {
    leave();
    return;
  }
  if (shown?.view.hash === view.hash && shown.view.id === view.id) return;
  const dialog = shown?.dialog ?? openModal();
  show(dialog, view, stack.length);
}

// The dialog's close event comes later; a view opened until then gets a dialog of its own.
function leave() {
  const dialog = shown?.dialog;
  shown = null;
  dialog?.close();
}

function openModal() {
  const dialog = openDialog({
    label: "Modal",
    testid: "modal",
    content: [h("form", { class: "modal-form", novalidate: true })],
    onDismiss: close,
    onClose: () => reopenIf(shown?.dialog === dialog),
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return dialog;
}

function show(dialog, view, depth) {
  const samePage = shown?.view.id === view.id;
  const focused = samePage ? document.activeElement?.dataset.actionId : null;
  const surface = createSurface({ view_id: view.id });
  shown = { dialog, view, surface };
  dialog.setAttribute("aria-label", view.title?.text ?? "Modal");
  fill(
    dialog.querySelector("form"),
    head(view, depth),
    h("div", { class: "modal-body blocks" }, renderBlocks(view.blocks, surface)),
    foot(view),
  );
  restoreValues(surface, typed.get(view.id));
  focusIn(dialog, focused);
}

function focusIn(dialog, actionId) {
  const kept = actionId ? dialog.querySelector(`[data-action-id="${CSS.escape(actionId)}"]`) : null;
  const first = dialog.querySelector(".modal-body input, .modal-body textarea, .modal-body select, .modal-body button");
  (kept ?? first ?? dialog.querySelector("button"))?.focus();
}

function head(view, depth) {
  return h(
    "header",
    { class: "modal-head" },
    h("h2", {}, textObject(view.title)),
    depth > 1 ? h("span", { class: "hint" }, `step ${depth}`) : null,
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Close", dataset: { testid: "modal-x" }, onclick: close },
      icon("close"),
    ),
  );
}

function foot(view) {
  const submitButton = view.submit
    ? h(
        "button",
        { type: "submit", class: "button primary", dataset: { testid: "modal-submit" } },
        textObject(view.submit),
      )
    : null;
  return h(
    "footer",
    { class: "modal-foot" },
    h(
      "button",
      { type: "button", class: "button", dataset: { testid: "modal-close" }, onclick: close },
      view.close ? textObject(view.close) : "Close",
    ),
    submitButton,
  );
}

// A browser may close a dialog on Escape however it is asked not to: what is still on the stack is shown again.
function reopenIf(stillShown) {
  if (!stillShown) return;
  shown = null;
  refreshModals();
}

async function close() {
  const { id } = shown.view;
  dismissed.add(id);
  drawModals(known);
  const answer = await telling(api.closeView({ user: workspace.me, view_id: id }));
  if (answer === null) dismissed.delete(id);
  await refreshModals();
}

/** Read the stack again and draw it. */
export async function refreshModals() {
  const user = workspace.me;
  const { stack = [] } = await api.views(user);
  if (workspace.me === user) drawModals(stack);
}

async function submit() {
  const { dialog, view, surface } = shown;
  if (dialog.getAttribute("aria-busy") === "true") return;
  dialog.setAttribute("aria-busy", "true");
  try {
    const answer = await api.submitView({ user: workspace.me, view_id: view.id, values: fieldValues(surface) });
    if (answer.errors) showErrors(dialog, answer.errors);
    else if (answer.error) notify(sentenceFor(answer.error, answer.detail));
    else await refreshModals();
  } catch (error) {
    notify(`That could not be sent: ${error.message}.`);
  } finally {
    dialog.removeAttribute("aria-busy");
  }
}

function showErrors(dialog, errors) {
  const homeless = { ...errors };
  for (const block of dialog.querySelectorAll(".block-input")) {
    const sentence = errors[block.dataset.blockId];
    delete homeless[block.dataset.blockId];
    showError(block, sentence);
  }
  for (const sentence of Object.values(homeless)) notify(sentence);
  dialog.querySelector("[aria-invalid=true]")?.focus();
}

function showError(block, sentence) {
  const note = block.querySelector(".field-error");
  note.hidden = !sentence;
  fill(note, sentence ? visibleText(sentence) : []);
  const controls = block.querySelectorAll("input, textarea, select");
  for (const control of controls)
    if (sentence) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
}

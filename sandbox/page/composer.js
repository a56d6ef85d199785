// Where a person writes: text, slash commands, files waiting to be sent. One for the channel, one for the thread.

import { api, upload } from "./api.js";
import { attachCompletion } from "./completion.js";
import { fill, h, visibleString } from "./dom.js";
import { icon } from "./icons.js";
import { fileSize } from "./moments.js";
import { notify, sentenceFor } from "./notices.js";
import { asSlackText } from "./outgoing_text.js";
import { workspace } from "./workspace.js";

const TALLEST_PX = 220;
const MOST_FILES = 10; // Slack takes no more in one message
const EMPTY = Object.freeze({ text: "", files: Object.freeze([]) });
const COMMAND = /^\/([a-z0-9_-]+)(?:\s+([\s\S]*))?$/i;

/** `place()` gives {channel, thread_ts}. Returns {node, attach, draft, focus}: `attach` adds files to be sent. */
export function createComposer({ testid, fileTestid, place }) {
  const composer = { place, files: [], drafts: new Map(), subject: "", uploads: 0 };
  composer.text = h("textarea", { rows: "1", autocomplete: "off", spellcheck: "true", dataset: { testid } });
  composer.fileInput = h("input", {
    type: "file",
    multiple: true,
    class: "sr-only",
    tabindex: "-1",
    "aria-hidden": "true",
    dataset: { testid: fileTestid },
  });
  composer.tray = h("ul", { class: "attached", "aria-label": "Files to send", hidden: true });
  composer.progress = h("progress", { max: "1", value: 0, "aria-label": "Upload" });
  composer.uploadLabel = h("span", { class: "hint" });
  composer.uploading = h("div", { class: "uploading", hidden: true }, composer.uploadLabel, composer.progress);
  composer.send = h(
    "button",
    {
      type: "submit",
      class: "icon-button send",
      title: "Send",
      "aria-label": "Send",
      disabled: true,
      dataset: { testid: `${testid}-send` },
    },
    icon("send"),
  );
  const attachButton = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      title: "Attach files",
      "aria-label": "Attach files",
      dataset: { testid: `${testid}-attach` },
      onclick: () => composer.fileInput.click(),
    },
    icon("attach"),
  );
  composer.node = h(
    "form",
    { class: "composer", "aria-label": "Write a message" },
    composer.tray,
    composer.uploading,
    h("div", { class: "composer-row" }, attachButton, composer.text, composer.send),
    composer.fileInput,
  );
  composer.completion = attachCompletion(composer.text, composer.node, `${testid}-completion`);
  listen(composer);
  return {
    node: composer.node,
    attach: (files) => attach(composer, files),
    openOn: (subject, label) => openOn(composer, subject, label),
    focus: () => composer.text.focus(),
    insert: (text) => insert(composer, text),
  };
}

function listen(composer) {
  composer.node.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(composer);
  });
  composer.text.addEventListener("input", () => refit(composer));
  composer.text.addEventListener("keydown", (event) => onKey(composer, event));
  composer.text.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      attach(composer, event.clipboardData.files);
    }
  });
  composer.fileInput.addEventListener("change", () => {
    attach(composer, composer.fileInput.files);
    composer.fileInput.value = "";
  });
}

function onKey(composer, event) {
  if (composer.completion.onKey(event)) return;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit(composer);
}

// A draft belongs to its person and place, and is there again on return.
function openOn(composer, subject, label) {
  composer.text.placeholder = label;
  composer.text.setAttribute("aria-label", label);
  if (subject === composer.subject) return;
  composer.drafts.set(composer.subject, { text: composer.text.value, files: composer.files });
  composer.subject = subject;
  show(composer, composer.drafts.get(subject) ?? EMPTY);
}

function insert(composer, text) {
  composer.text.value = text;
  composer.text.focus();
  refit(composer);
}

function refit(composer) {
  composer.text.style.height = "auto";
  composer.text.style.height = `${Math.min(composer.text.scrollHeight, TALLEST_PX)}px`;
  composer.send.disabled = composer.text.value.trim() === "" && composer.files.length === 0;
}

function attach(composer, files) {
  const wanted = [...composer.files, ...files];
  if (wanted.length > MOST_FILES)
    notify(`At most ${MOST_FILES} files go into one message; the first ${MOST_FILES} are kept.`);
  composer.files = wanted.slice(0, MOST_FILES);
  drawTray(composer);
  refit(composer);
  composer.text.focus();
}

function drawTray(composer) {
  composer.tray.hidden = composer.files.length === 0;
  const remove = (file) => {
    composer.files = composer.files.filter((each) => each !== file);
    drawTray(composer);
    refit(composer);
    composer.text.focus();
  };
  fill(
    composer.tray,
    composer.files.map((file) =>
      h(
        "li",
        {},
        icon("file"),
        h("bdi", { class: "attached-name" }, visibleString(file.name)),
        h("span", { class: "hint" }, fileSize(file.size)),
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": `Remove ${visibleString(file.name)}`,
            onclick: () => remove(file),
          },
          icon("close"),
        ),
      ),
    ),
    composer.files.length ? h("li", { class: "tray-hint" }, "Not sent yet: press Enter or the arrow") : null,
  );
}

// What is sent leaves the composer at once, so the next thing can be written meanwhile; refused, it comes back.
async function submit(composer) {
  const taken = take(composer);
  if (!taken) return;
  const error = await deliver(composer, taken).catch((failure) => failure.message);
  if (!error) return;
  notify(sentenceFor(error));
  giveBack(composer, taken);
}

function take(composer) {
  const text = composer.text.value.trim();
  const { files, subject } = composer;
  if (!text && files.length === 0) return null;
  show(composer, EMPTY);
  return { subject, text, files, place: composer.place() };
}

function giveBack(composer, { subject, text, files }) {
  const free = composer.subject === subject && composer.text.value === "" && composer.files.length === 0;
  if (free) show(composer, { text, files });
  else if (composer.subject !== subject) composer.drafts.set(subject, { text, files });
}

function show(composer, { text, files }) {
  composer.text.value = text;
  composer.files = files;
  drawTray(composer);
  refit(composer);
}

async function deliver(composer, { text, files, place }) {
  const user = workspace.me;
  const command = files.length === 0 ? COMMAND.exec(text) : null;
  if (command)
    return refusalOf(await api.command({ user, ...place, command: `/${command[1]}`, text: command[2] ?? "" }));
  const request = { user, ...place, text: asSlackText(text) };
  if (files.length === 0) return refusalOf(await api.post(request));
  return uploadAll(composer, { ...request, files });
}

function refusalOf(answer) {
  return answer.ok === false || answer.error ? (answer.error ?? "it was refused") : null;
}

async function uploadAll(composer, request) {
  const showShare = (share) => {
    composer.progress.value = share;
  };
  composer.uploads += 1;
  composer.uploading.hidden = false;
  composer.uploadLabel.textContent = `Uploading ${request.files.length === 1 ? "1 file" : `${request.files.length} files`}…`;
  showShare(0);
  try {
    await upload(request, showShare);
  } finally {
    composer.uploads -= 1;
    composer.uploading.hidden = composer.uploads === 0;
  }
  return null;
}

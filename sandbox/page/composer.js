// Where a person writes: text, slash commands, files waiting to be sent. One for the channel, one for the thread.

import { api, upload } from "./api.js";
import { attachCompletion } from "./completion.js";
import { fill, h, visibleString } from "./dom.js";
import { icon } from "./icons.js";
import { fileSize } from "./moments.js";
import { escapeText } from "./mrkdwn.js";
import { notify, sentenceFor } from "./notices.js";
import { channelName, userName, workspace } from "./workspace.js";

const TALLEST_PX = 220;
const COMMAND = /^\/([a-z0-9_-]+)(?:\s+([\s\S]*))?$/i;

/** `place()` gives {channel, thread_ts}. Returns {node, attach, draft, focus}: `attach` adds files to be sent. */
export function createComposer({ testid, fileTestid, place }) {
  const composer = { place, files: [], drafts: new Map(), subject: "", sending: false };
  composer.text = h("textarea", { rows: "1", autocomplete: "off", spellcheck: "true", dataset: { testid } });
  composer.fileInput = h("input", { type: "file", multiple: true, class: "sr-only", tabindex: "-1", "aria-hidden": "true", dataset: { testid: fileTestid } });
  composer.tray = h("ul", { class: "attached", "aria-label": "Files to send", hidden: true });
  composer.progress = h("progress", { max: "1", value: 0, "aria-label": "Upload", hidden: true });
  composer.send = h("button", { type: "submit", class: "icon-button send", title: "Send", "aria-label": "Send", disabled: true, dataset: { testid: `${testid}-send` } }, icon("send"));
  const attachButton = h("button", { type: "button", class: "icon-button", title: "Attach files", "aria-label": "Attach files", dataset: { testid: `${testid}-attach` }, onclick: () => composer.fileInput.click() }, icon("attach"));
  composer.node = h("form", { class: "composer", "aria-label": "Write a message" }, composer.tray, composer.progress, h("div", { class: "composer-row" }, attachButton, composer.text, composer.send), composer.fileInput);
  composer.completion = attachCompletion(composer.text, composer.node);
  listen(composer);
  return { node: composer.node, attach: (files) => attach(composer, files), openOn: (subject, label) => openOn(composer, subject, label), focus: () => composer.text.focus(), insert: (text) => insert(composer, text) };
}

function listen(composer) {
  composer.node.addEventListener("submit", (event) => { event.preventDefault(); submit(composer); });
  composer.text.addEventListener("input", () => refit(composer));
  composer.text.addEventListener("keydown", (event) => onKey(composer, event));
  composer.text.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); attach(composer, event.clipboardData.files); } });
  composer.fileInput.addEventListener("change", () => { attach(composer, composer.fileInput.files); composer.fileInput.value = ""; });
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
  const draft = composer.drafts.get(subject) ?? { text: "", files: [] };
  Object.assign(composer, { subject, files: draft.files });
  composer.text.value = draft.text;
  drawTray(composer);
  refit(composer);
}

function insert(composer, text) {
  composer.text.value = text;
  composer.text.focus();
  refit(composer);
}

function refit(composer) {
  composer.text.style.height = "auto";
  composer.text.style.height = `${Math.min(composer.text.scrollHeight, TALLEST_PX)}px`;
  composer.send.disabled = composer.sending || (composer.text.value.trim() === "" && composer.files.length === 0);
}

function attach(composer, files) {
  composer.files = [...composer.files, ...files];
  drawTray(composer);
  refit(composer);
  composer.text.focus();
}

function drawTray(composer) {
  composer.tray.hidden = composer.files.length === 0;
  const remove = (file) => { composer.files = composer.files.filter((each) => each !== file); drawTray(composer); refit(composer); composer.text.focus(); };
  fill(composer.tray, composer.files.map((file) => h("li", {}, icon("file"), h("bdi", { class: "attached-name" }, visibleString(file.name)), h("span", { class: "hint" }, fileSize(file.size)),
    h("button", { type: "button", class: "icon-button", "aria-label": `Remove ${visibleString(file.name)}`, onclick: () => remove(file) }, icon("close")))),
  composer.files.length ? h("li", { class: "tray-hint" }, "Press Enter to send") : null);
}

async function submit(composer) {
  const text = composer.text.value.trim();
  const { files } = composer;
  if (composer.sending || (!text && files.length === 0)) return;
  const command = files.length === 0 ? COMMAND.exec(text) : null;
  setSending(composer, true);
  const error = await (command ? runCommand(composer, command) : sendMessage(composer, text, files)).catch((failure) => failure.message);
  setSending(composer, false);
  if (error) notify(sentenceFor(error));
  else clear(composer);
  refit(composer);
}

function setSending(composer, sending) {
  composer.sending = sending;
  composer.node.setAttribute("aria-busy", String(sending));
  composer.progress.hidden = !sending || composer.files.length === 0;
  composer.progress.value = 0;
}

function clear(composer) {
  composer.text.value = "";
  composer.files = [];
  drawTray(composer);
}

async function runCommand(composer, [, name, text = ""]) {
  const answer = await api.command({ user: workspace.me, ...composer.place(), command: `/${name}`, text });
  return answer.ok === false || answer.error ? answer.error ?? "the command failed" : null;
}

async function sendMessage(composer, text, files) {
  const request = { user: workspace.me, ...composer.place(), text: asSlackText(text) };
  if (files.length === 0) return (await api.post(request)).error ?? null;
  await upload({ ...request, files }, (share) => { composer.progress.value = share; });
  return null;
}

/** What a person typed, as Slack hands it to apps: escaped, `@Name` and `#channel` as references, addresses wrapped. */
export function asSlackText(typed) {
  const escaped = escapeText(typed).replace(/https?:\/\/[^\s<>|]{1,2000}/g, wrapAddress);
  const mentions = [...workspace.users.keys()].map((id) => [`@${userName(id)}`, `<@${id}>`]);
  const channels = [...workspace.channels.keys()].map((id) => [`#${channelName(id)}`, `<#${id}|${channelName(id)}>`]);
  const broadcasts = ["channel", "here", "everyone"].map((name) => [`@${name}`, `<!${name}>`]);
  return [...mentions, ...channels, ...broadcasts].sort((one, other) => other[0].length - one[0].length).reduce((text, [name, reference]) => replaceName(text, name, reference), escaped);
}

function wrapAddress(address) {
  const end = /[.,;:!?)]*$/.exec(address).index;
  return `<${address.slice(0, end)}>${address.slice(end)}`;
}

function replaceName(text, name, reference) {
  const pattern = new RegExp(`(?<![\\w<@#&/])${RegExp.escape?.(name) ?? name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`, "giu");
  return text.replace(pattern, () => reference);
}

// What the page tells a person: the banner for a lasting trouble, short notices that pass, both read out.

import { fill, h, visibleText } from "./dom.js";
import { icon } from "./icons.js";

const NOTICE_MS = 8000;
const banners = new Map();

/** Show `sentence` for the trouble `name` until it is cleared; of several, the first in this order is shown. */
const URGENCY = ["sandbox", "app"];
export function showBanner(name, sentence) {
  banners.set(name, sentence);
  drawBanner();
}

export function clearBanner(name) {
  if (banners.delete(name)) drawBanner();
}

function drawBanner() {
  const node = document.getElementById("banner");
  const name = URGENCY.find((each) => banners.has(each));
  node.hidden = name === undefined;
  node.dataset.about = name ?? "";
  fill(node, name ? visibleText(banners.get(name)) : []);
}

/** A sentence in the corner that goes by itself; for a refusal of a person's act. */
export function notify(sentence) {
  const dismiss = () => node.remove();
  const close = h(
    "button",
    { class: "icon-button", type: "button", "aria-label": "Dismiss", onclick: dismiss },
    icon("close"),
  );
  const node = h(
    "div",
    { class: "notice", dataset: { testid: "notice" } },
    h("span", {}, visibleText(sentence)),
    close,
  );
  noticeShelf().append(node);
  setTimeout(dismiss, NOTICE_MS);
}

// A modal dialog makes the rest of the page inert, so a notice belongs inside it.
function noticeShelf() {
  return [...document.querySelectorAll("dialog[open] .notices")].at(-1) ?? document.getElementById("notices");
}

const SENTENCES = {
  operation_timeout: "The app did not answer within 3 seconds (operation_timeout).",
  operation_failed: "The app could not be reached, or answered with an error (operation_failed).",
  command_in_thread: "Slash commands do not work in threads. Type it in the channel, or mention the app here.",
  unknown_command: "That is not a command of this app.",
  interactivity_disabled: "The app's manifest has interactivity switched off.",
  is_archived: "This channel is archived.",
  not_connected: "The app is not connected.",
};

/** The sentence for an error code of the sandbox, with the detail it gave. */
export function sentenceFor(error, detail) {
  const sentence = SENTENCES[error] ?? `That did not work: ${error}.`;
  return detail ? `${sentence} ${detail}` : sentence;
}

/** Await an answer; tell the person when it is a refusal. Returns the answer, or null. */
export async function telling(promise) {
  try {
    const answer = await promise;
    if (answer.error) notify(sentenceFor(answer.error, answer.detail));
    return answer;
  } catch (error) {
    notify(`The sandbox could not do that: ${error.message}.`);
    return null;
  }
}

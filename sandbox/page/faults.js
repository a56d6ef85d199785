// The form for faults on demand: what shall go wrong between the app and Slack, and how often.

import { api } from "./api.js";
import { fill, h, visibleString } from "./dom.js";
import { telling } from "./notices.js";

const ANSWER_KINDS = ["status", "error", "timeout", "reset", "slow", "truncated", "lost", "redirect"];
const KINDS = {
  delivery: ["duplicate", "delay", "lost"],
  interaction: ["delay", "expired_trigger"],
  socket: ["drop", "disconnect", "warning", "silent"],
};
const TARGETS = [
  "delivery",
  "interaction",
  "download",
  "upload",
  "socket",
  "chat.postMessage",
  "chat.update",
  "views.open",
  "views.publish",
  "files.info",
  "conversations.replies",
];
// Which further field a kind needs: its name, its label, a first value.
const NEEDS = {
  status: ["status", "HTTP status", "503"],
  error: ["error", "Error code", "internal_error"],
  timeout: ["seconds", "Seconds", "30"],
  slow: ["seconds", "Seconds", "5"],
  delay: ["seconds", "Seconds", "5"],
  silent: ["seconds", "Seconds", "30"],
  redirect: ["location", "Location", "http://127.0.0.1:9/elsewhere"],
};
const TEXT_NEEDS = new Set(["error", "location"]);
const byId = (id) => document.getElementById(id);

/** Wire the form. */
export function createFaults() {
  fill(
    byId("fault-targets"),
    TARGETS.map((target) => h("option", { value: target })),
  );
  byId("fault-target").addEventListener("input", offerKinds);
  byId("fault-kind").addEventListener("change", offerNeed);
  byId("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    add();
  });
  byId("fault-clear").addEventListener("click", async () => {
    await telling(api.clearFaults());
    drawFaults();
  });
  offerKinds();
}

function offerKinds() {
  const kinds = KINDS[byId("fault-target").value.trim()] ?? ANSWER_KINDS;
  fill(
    byId("fault-kind"),
    kinds.map((kind) => h("option", { value: kind }, kind)),
  );
  offerNeed();
}

function offerNeed() {
  const need = NEEDS[byId("fault-kind").value];
  byId("fault-need-label").hidden = !need;
  if (!need) return;
  byId("fault-need-name").textContent = need[1];
  byId("fault-need").value = need[2];
}

async function add() {
  const kind = byId("fault-kind").value;
  const fault = { target: byId("fault-target").value.trim(), kind, count: Number(byId("fault-count").value) || 1 };
  const need = NEEDS[kind];
  if (need) fault[need[0]] = TEXT_NEEDS.has(need[0]) ? byId("fault-need").value : Number(byId("fault-need").value);
  await telling(api.addFault(fault));
  drawFaults();
}

/** Show the faults that still wait to strike. */
export async function drawFaults() {
  const { faults = [] } = (await telling(api.faults())) ?? {};
  const sentences = faults.map((fault) =>
    h("li", {}, visibleString(`${fault.target}: ${fault.kind}, ${fault.count} more`)),
  );
  fill(byId("fault-list"), sentences.length ? sentences : h("li", { class: "hint" }, "No faults are waiting."));
}

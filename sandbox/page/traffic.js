// The traffic inspector: every delivery to the app and every call it makes, with the bodies on request.

import { api } from "./api.js";
import { fill, h, reconcile, visibleString, visibleText } from "./dom.js";
import { drawFaults } from "./faults.js";
import { refresher } from "./stream.js";

const MOST_KEPT = 500;
const byId = (id) => document.getElementById(id);
const state = { entries: [], newest: 0, open: false, selected: 0, filter: "" };
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 1,
  hour12: false,
});

const load = refresher(async () => {
  const { entries = [] } = await api.traffic(state.newest);
  if (entries.length === 0) return;
  state.newest = entries.at(-1).seq;
  state.entries = [...state.entries, ...entries].slice(-MOST_KEPT);
  drawList();
});

/** Wire the panel and its button. */
export function createTraffic() {
  byId("traffic-toggle").addEventListener("click", () => toggleTraffic());
  byId("traffic-close").addEventListener("click", () => toggleTraffic(false));
  byId("traffic-filter").addEventListener("input", (event) => {
    state.filter = event.target.value.trim().toLowerCase();
    drawList();
  });
  byId("traffic-clear").addEventListener("click", () => {
    state.entries = [];
    state.selected = 0;
    drawList();
  });
  byId("traffic-detail-close").addEventListener("click", () => select(0));
  byId("traffic-list").addEventListener("keydown", moveInList);
}

/** Show or hide the panel. */
export function toggleTraffic(open = !state.open) {
  state.open = open;
  byId("traffic-pane").hidden = !open;
  byId("traffic-toggle").setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("with-traffic", open);
  if (!open) {
    byId("traffic-toggle").focus();
    return;
  }
  load();
  drawFaults();
  byId("traffic-filter").focus();
}

export function isTrafficOpen() {
  return state.open;
}

/** Something was exchanged. Only an open panel reads it. */
export function refreshTraffic() {
  if (state.open) load();
}

function matches(entry) {
  const words = `${entry.direction} ${entry.kind} ${entry.summary} ${entry.status}`.toLowerCase();
  return state.filter.split(/\s+/).every((word) => words.includes(word));
}

function drawList() {
  const list = byId("traffic-list");
  const atEnd = list.parentElement.scrollHeight - list.parentElement.scrollTop - list.parentElement.clientHeight < 40;
  const shown = state.entries.filter(matches);
  reconcile(
    list,
    shown.map((entry) => ({
      key: `traffic-${entry.seq}`,
      signature: String(entry.seq === state.selected),
      render: () => row(entry),
    })),
  );
  byId("traffic-empty").hidden = shown.length > 0;
  byId("traffic-empty").textContent = state.entries.length
    ? "Nothing matches the filter."
    : "Nothing yet. Do something in a channel.";
  if (atEnd) list.parentElement.scrollTop = list.parentElement.scrollHeight;
}

function row(entry) {
  const toApp = entry.direction === "to_app";
  const failed = !isFine(entry);
  const cells = [
    h("span", { class: "traffic-time" }, clock.format(new Date(entry.at * 1000))),
    h("span", { class: `direction ${toApp ? "to-app" : "to-slack"}` }, toApp ? "→ app" : "← app"),
    h(
      "span",
      { class: "traffic-kind" },
      h("strong", {}, visibleString(entry.summary)),
      " ",
      h("span", { class: "hint" }, visibleString(entry.kind === entry.summary ? "" : entry.kind)),
    ),
    entry.retry ? h("span", { class: "badge warn" }, `retry ${entry.retry}`) : null,
    h("span", { class: `status${failed ? " failed" : ""}` }, visibleString(entry.status)),
    h("span", { class: "traffic-ms" }, `${Math.round(entry.ms)} ms`),
  ];
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "traffic-row",
        "aria-pressed": String(entry.seq === state.selected),
        dataset: { testid: "traffic-entry", control: `traffic-${entry.seq}` },
        onclick: () => select(entry.seq),
      },
      cells,
    ),
  );
}

function isFine({ status, response }) {
  const statusFine = typeof status === "number" ? status < 400 : /^(ok|acked|acknowledged|ack)$/i.test(status);
  return statusFine && !/^\s*\{"ok": ?false/.test(response ?? "");
}

function select(seq) {
  state.selected = state.selected === seq ? 0 : seq;
  drawList();
  const entry = state.entries.find((each) => each.seq === state.selected);
  byId("traffic-detail").hidden = !entry;
  if (!entry) return;
  byId("traffic-detail-title").textContent = visibleString(entry.summary);
  fill(byId("traffic-bodies"), body("Request", entry.request), body("Response", entry.response));
}

function body(title, raw) {
  return h(
    "section",
    {},
    h("h4", {}, title),
    h("pre", { class: "json", tabindex: "0", "aria-label": title }, visibleText(pretty(raw))),
  );
}

function pretty(raw) {
  if (raw === null || raw === undefined || raw === "") return "(empty)";
  if (typeof raw !== "string") return JSON.stringify(raw, null, 2);
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
}

function moveInList(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const target = step && document.activeElement.closest("li")?.[step];
  if (!target) return;
  event.preventDefault();
  target.querySelector("button").focus();
}

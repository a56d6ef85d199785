// The page's beginning: loads the workspace, then keeps every part in line with the place and with what changes.

import { createConversation } from "./conversation.js";
import { createFaults } from "./faults.js";
import { openHome, refreshHome } from "./home.js";
import { icon } from "./icons.js";
import { refreshModals } from "./modal.js";
import { clearBanner, notify, showBanner } from "./notices.js";
import { drawActAs } from "./people.js";
import { beginIn, currentPlace, goToChannel, goToList, onPlace } from "./place.js";
import { refuseStrayDrops } from "./dropzone.js";
import { drawScopes } from "./scopes.js";
import { createShortcutsMenu, drawShortcutsMenu } from "./shortcuts_menu.js";
import { drawSidebar, markRead, markUnread, moveInSidebar } from "./sidebar.js";
import { listen, refresher } from "./stream.js";
import { createTraffic, isTrafficOpen, refreshTraffic, toggleTraffic } from "./traffic.js";
import { actAs, chooseActor, loadWorkspace, workspace } from "./workspace.js";

const RETRY_MS = 1000;
const APP_CHECK_MS = 3000; // the app coming or going is not always followed by a change on the stream
const byId = (id) => document.getElementById(id);
const PHONE = matchMedia("(max-width: 760px)");
let conversation;
let stopListening = () => {};

/** Say who acts and whether the app is there; channels too, as they may have changed. */
function drawFrame() {
  drawActAs(byId("act-as"), byId("act-as-avatar"));
  drawSidebar(byId("channel-list"), currentPlace());
  drawShortcutsMenu(byId("shortcuts"));
  drawScopes(byId("scopes"));
  conversation.redrawFrame();
  const { app } = workspace;
  if (app.connected) clearBanner("app");
  else showBanner("app", `${app.name} is not connected: start the bot, and this goes away by itself.`);
}

async function showPlace(place, { focus = true } = {}) {
  document.body.dataset.pane = place.pane;
  byId("thread-pane").hidden = place.pane !== "thread";
  byId("home-pane").hidden = place.pane !== "home";
  byId("channel-pane").hidden = place.pane === "home" || place.pane === "list";
  document.title = `${place.pane === "home" ? "Home" : (workspace.channels.get(place.channel)?.name ?? "Sandbox")} · local sandbox`;
  if (place.channel) markRead(place.channel);
  drawSidebar(byId("channel-list"), place);
  conversation.redrawFrame();
  if (place.pane === "home") await openHome();
  else await conversation.refresh();
  const stillThere = JSON.stringify(place) === JSON.stringify(currentPlace());
  if (focus && stillThere) focusPlace(place);
}

// On a phone a focused text field would raise the keyboard over what the person came to read.
function focusPlace(place) {
  if (document.querySelector("dialog[open]")) return;
  if (PHONE.matches) {
    byId(place.pane === "thread" ? "thread-scroller" : "channel-scroller").focus({ preventScroll: true });
    return;
  }
  if (place.pane === "thread") conversation.focusThread();
  if (place.pane === "channel") conversation.focusChannel();
}

const refreshFrame = refresher(async () => {
  await loadWorkspace();
  drawFrame();
});
const refreshMessages = refresher(() => conversation.refresh());
const refreshViews = refresher(() => refreshModals());
const refreshHomeTab = refresher(() => refreshHome());

const ON_CHANGE = {
  message: (change) => {
    noteUnread(change);
    refreshMessages();
  },
  view: () => {
    refreshViews();
    if (currentPlace().pane === "home") refreshHomeTab();
  },
  home: () => {
    if (currentPlace().pane === "home") refreshHomeTab();
  },
  channel: () => {
    refreshFrame();
    refreshMessages();
  },
  traffic: () => refreshTraffic(),
};

function noteUnread({ channel, ts }) {
  markUnread(channel, ts, { seenByMe: currentPlace().channel === channel && !document.hidden });
  drawSidebar(byId("channel-list"), currentPlace());
}

/** Show everything as the acting person sees it, from now on live. */
async function follow({ focus = true } = {}) {
  stopListening();
  await loadWorkspace();
  stopListening = listen(workspace.me, {
    onChange: (change) => ON_CHANGE[change.kind]?.(change),
    onConnected: catchUp,
    onLost: () => showBanner("sandbox", "The sandbox is not connected. Trying again…"),
  });
  drawFrame();
  if (isNowhere(currentPlace())) beginIn(firstChannel());
  await showPlace(currentPlace(), { focus });
}

// Nowhere is also a private channel or a direct message of somebody else.
function isNowhere({ pane, channel }) {
  if (channel) return !workspace.channels.has(channel);
  return location.hash === "" || (pane === "list" && !PHONE.matches);
}

function firstChannel() {
  const channels = [...workspace.channels.values()];
  return (channels.find((channel) => channel.name === "incidents") ?? channels[0])?.id ?? "";
}

// What happened while nobody listened has to be read.
function catchUp() {
  clearBanner("sandbox");
  refreshFrame();
  refreshMessages();
  refreshViews();
  refreshTraffic();
}

function wireFrame() {
  for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(node.dataset.icon));
  byId("act-as").addEventListener("change", (event) => switchTo(event.target.value));
  byId("channel-list").addEventListener("keydown", moveInSidebar);
  for (const button of document.querySelectorAll("[data-go=list]")) button.addEventListener("click", goToList);
  for (const button of document.querySelectorAll("[data-go=channel]")) button.addEventListener("click", leaveThread);
  document.addEventListener("keydown", onKey);
}

function switchTo(user) {
  actAs(user);
  conversation.redrawFrame(); // at once: the next key pressed belongs to this person's draft
  // Whoever walks through the list with the arrow keys stays in it.
  follow({ focus: false }).catch((error) => notify(error.message));
}

function leaveThread() {
  const { channel } = currentPlace();
  if (channel) goToChannel(channel);
}

function onKey(event) {
  if (event.key === "F6") {
    event.preventDefault();
    nextPane(event.shiftKey ? -1 : 1);
    return;
  }
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (isTrafficOpen() && byId("traffic-pane").contains(document.activeElement)) toggleTraffic(false);
  else if (currentPlace().thread) leaveThread();
}

function nextPane(step) {
  const panes = ["sidebar", "channel-pane", "home-pane", "thread-pane", "traffic-pane"]
    .map(byId)
    .filter((pane) => pane.checkVisibility());
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const pane = panes[(at + step + panes.length) % panes.length];
  (pane.querySelector("textarea, [aria-current=page], input, button") ?? pane).focus();
}

async function start() {
  try {
    await chooseActor(new URLSearchParams(location.search).get("as"));
    await follow();
  } catch (error) {
    showBanner("sandbox", `The sandbox did not answer: ${error.message}. Trying again…`);
    setTimeout(start, RETRY_MS);
  }
}

conversation = createConversation();
createTraffic();
createFaults();
createShortcutsMenu(byId("shortcuts"));
refuseStrayDrops();
wireFrame();
onPlace((place) => showPlace(place));
setInterval(() => {
  if (!document.hidden && workspace.me) refreshFrame();
}, APP_CHECK_MS);
start();

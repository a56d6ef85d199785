// Where the person is: a channel, a thread in it, the app's home, the list. Kept in the address, so Back works.

const HOME = "home";
const listeners = new Set();

/** {pane: "list"|"channel"|"thread"|"home", channel, thread} as the address says. */
export function currentPlace() {
  const [, channel = "", thread = ""] = location.hash.split("/").map(decodeURIComponent);
  if (channel === HOME) return { pane: "home", channel: "", thread: "" };
  if (!channel) return { pane: "list", channel: "", thread: "" };
  return { pane: thread ? "thread" : "channel", channel, thread };
}

/** Call `listener(place)` at each change. */
export function onPlace(listener) {
  listeners.add(listener);
}

function announce() {
  for (const listener of listeners) listener(currentPlace());
}

function go(hash) {
  if (hash === location.hash) return;
  history.pushState(null, "", hash);
  announce();
}

export function goToChannel(channel) {
  go(`#/${encodeURIComponent(channel)}`);
}

/** Be in `channel` as if one had come there in the first place; nobody is told. */
export function beginIn(channel) {
  history.replaceState(null, "", `#/${encodeURIComponent(channel)}`);
}

export function goToThread(channel, thread) {
  go(`#/${encodeURIComponent(channel)}/${encodeURIComponent(thread)}`);
}

export function goHome() {
  go(`#/${HOME}`);
}

export function goToList() {
  go("#/");
}

window.addEventListener("popstate", announce);

/** The place a permalink of this sandbox names, or null: `/archives/<channel>/p<ts without the point>`. */
function placeOfPermalink(href) {
  const url = new URL(href, location.href);
  const match = /^\/archives\/([A-Z0-9]+)(?:\/p(\d{10})(\d{6}))?$/.exec(url.pathname);
  if (url.origin !== location.origin || !match) return null;
  const ts = match[2] ? `${match[2]}.${match[3]}` : "";
  return { channel: match[1], ts, thread: url.searchParams.get("thread_ts") || ts };
}

// A permalink in a message leads to the thread here rather than out of the page.
document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href]");
  const target = anchor && !anchor.hasAttribute("download") ? placeOfPermalink(anchor.href) : null;
  if (!target) return;
  event.preventDefault();
  if (target.thread) goToThread(target.channel, target.thread);
  else goToChannel(target.channel);
});

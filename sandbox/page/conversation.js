// The channel and the thread beside it: each a timeline, a composer and a place to drop files.

import { api } from "./api.js";
import { drawChannelNotice, isAppIn } from "./channel_notice.js";
import { createComposer } from "./composer.js";
import { fill, h, visibleString } from "./dom.js";
import { acceptDrops } from "./dropzone.js";
import { mrkdwn } from "./mrkdwn.js";
import { notify } from "./notices.js";
import { currentPlace } from "./place.js";
import { markRead } from "./sidebar.js";
import { refresher } from "./stream.js";
import { createTimeline, drawTimeline } from "./timeline.js";
import { channelTopic, conversationName, workspace } from "./workspace.js";

const byId = (id) => document.getElementById(id);

/**
 * Wire both panes up. `redrawFrame` turns heads and composers to the current place and person at once, `refresh` reads the
 * messages again.
 */
export function createConversation() {
  const channel = createPane("channel", { testid: "composer", fileTestid: "file-input" }, () => ({
    channel: currentPlace().channel,
  }));
  const thread = createPane("thread", { testid: "thread-composer", fileTestid: "thread-file-input" }, () => ({
    channel: currentPlace().channel,
    thread_ts: currentPlace().thread,
  }));
  const loadChannel = refresher(() => load(channel, drawChannel));
  const loadThread = refresher(() => load(thread, drawThread));
  const redrawFrame = () => {
    const place = currentPlace();
    if (place.channel) openChannel(channel, place);
    if (place.thread) openThread(thread, place);
  };
  return {
    redrawFrame,
    refresh: () => Promise.all([currentPlace().channel && loadChannel(), currentPlace().thread && loadThread()]),
    focusChannel: () => channel.composer.focus(),
    focusThread: () => thread.composer.focus(),
  };
}

function createPane(name, testids, place) {
  const scroller = byId(`${name}-scroller`);
  const timeline = createTimeline({ scroller, list: byId(`${name}-messages`), pill: byId(`${name}-new`) });
  const composer = createComposer({ ...testids, place });
  byId(`${name}-composer`).append(composer.node);
  acceptDrops(byId(`${name}-pane`), (files) => composer.attach(files));
  return { name, timeline, composer, place, intro: byId(`${name}-intro`) };
}

function openChannel(pane, { channel }) {
  const name = conversationName(channel);
  fill(byId("channel-name"), visibleString(name));
  fill(byId("channel-topic"), mrkdwn(channelTopic(channel)));
  byId("channel-topic").title = visibleString(channelTopic(channel));
  byId("channel-drop-label").textContent = visibleString(`Drop files to add them to ${name}`);
  pane.composer.openOn(`${workspace.me} ${channel}`, visibleString(`Message ${name}`));
  drawNotice(channel);
}

function drawNotice(channel) {
  const writable = drawChannelNotice(byId("channel-notice"), channel);
  for (const id of ["channel-composer", "thread-composer"]) byId(id).hidden = !writable;
}

function openThread(pane, { channel, thread }) {
  byId("thread-where").textContent = visibleString(conversationName(channel));
  pane.composer.openOn(`${workspace.me} ${channel} ${thread}`, "Reply in thread");
}

// Answers for a place the person has left meanwhile are dropped.
async function load(pane, draw) {
  const { channel, thread_ts } = pane.place();
  const user = workspace.me;
  try {
    const { messages = [], error } = await api.messages(user, channel, thread_ts);
    const now = pane.place();
    if (now.channel === channel && now.thread_ts === thread_ts && workspace.me === user)
      draw(pane, error ? [] : messages, now);
  } catch (error) {
    notify(`The messages could not be read: ${error.message}.`);
  }
}

function drawChannel(pane, messages, { channel }) {
  markRead(channel);
  drawIntro(pane, channel, messages.length === 0 && isAppIn(channel));
  drawTimeline(pane.timeline, messages, { subject: `${workspace.me} ${channel}`, channel, inThread: false });
}

function drawThread(pane, messages, { channel, thread_ts: thread }) {
  fill(
    pane.intro,
    messages.length === 0 ? h("p", { class: "empty" }, "This thread is gone: its first message was deleted.") : null,
  );
  drawTimeline(pane.timeline, messages, { subject: `${workspace.me} ${channel} ${thread}`, channel, inThread: true });
}

// The first thing a newcomer reads; the commands come from the app itself.
function drawIntro(pane, channel, withSteps) {
  const steps = withSteps
    ? h(
        "ol",
        { class: "first-steps" },
        commandSteps(pane),
        h("li", {}, "Open the thread of what it posts and drop log files in; the app reads them and answers there."),
        h("li", {}, "Press the buttons, answer as someone else with “Acting as”, watch the calls in “Traffic”."),
      )
    : null;
  fill(
    pane.intro,
    h("h2", {}, visibleString(conversationName(channel))),
    h("p", {}, mrkdwn(channelTopic(channel) || "This is the beginning of the channel.")),
    steps,
  );
}

function commandSteps(pane) {
  return workspace.app.commands
    .slice(0, 3)
    .map(({ command, description }) =>
      h(
        "li",
        {},
        "Type ",
        h(
          "button",
          { type: "button", class: "inline-command", onclick: () => pane.composer.insert(`${command} `) },
          visibleString(command),
        ),
        visibleString(description ? ` — ${description}` : ""),
      ),
    );
}

// What the page knows of the workspace: who acts, the people, the channels, the app. Filled from the sandbox's state.

import { api } from "./api.js";

export const workspace = {
  me: "",
  users: new Map(),
  channels: new Map(),
  app: { name: "App", bot_user_id: "", commands: [], shortcuts: [], connected: true, scopes: [] },
};

const ACTING_KEY = "sandbox.acting"; // per tab, so two tabs can be two people

/** From now on `user` acts, at once: whatever is sent next is theirs. */
export function actAs(user) {
  workspace.me = user;
  sessionStorage.setItem(ACTING_KEY, user);
}

/** Decide who acts: the one named (id or name), or who acted last in this tab, or the first person. */
export async function chooseActor(wanted) {
  const state = await api.state("");
  workspace.users = byId(state.users);
  const named = (name) => people().find((each) => name && (each.id === name || each.name === name));
  actAs((named(wanted) ?? named(sessionStorage.getItem(ACTING_KEY)) ?? people()[0])?.id ?? "");
}

/** Read the state as the acting person sees it. An answer for somebody who acts no longer is dropped. */
export async function loadWorkspace() {
  const user = workspace.me;
  const state = await api.state(user);
  if (workspace.me !== user) return;
  workspace.app = { ...workspace.app, ...state.app };
  workspace.users = byId(state.users);
  workspace.channels = byId(state.channels);
}

function byId(items) {
  return new Map((items ?? []).map((item) => [item.id, item]));
}

function isPerson(user) {
  return !user.is_bot && !user.deleted && user.id !== "USLACKBOT";
}

/** The people one can act as. */
export function people() {
  return [...workspace.users.values()].filter(isPerson);
}

export function isBot(userId) {
  return userId === workspace.app.bot_user_id || Boolean(workspace.users.get(userId)?.is_bot);
}

/** The name a person is shown by. Works for an id nobody has, too. */
export function userName(userId) {
  const user = workspace.users.get(userId);
  if (!user) return userId === workspace.app.bot_user_id ? workspace.app.name : String(userId || "someone");
  return user.profile?.display_name || user.real_name || user.profile?.real_name || user.name || user.id;
}

export function channelName(channelId) {
  const channel = workspace.channels.get(channelId);
  if (!channel) return String(channelId);
  if (!channel.is_im) return channel.name ?? channel.id;
  return userName(channel.user === workspace.me ? workspace.app.bot_user_id : channel.user);
}

/** The conversation as people write of it: `#incidents`, or the name of whom one talks to directly. */
export function conversationName(channelId) {
  const name = channelName(channelId);
  return workspace.channels.get(channelId)?.is_im ? name : `#${name}`;
}

/** The channel's topic as text; Slack nests it in an object. */
export function channelTopic(channelId) {
  const channel = workspace.channels.get(channelId) ?? {};
  const value = (field) => (typeof field === "string" ? field : (field?.value ?? ""));
  return value(channel.topic) || value(channel.purpose);
}

export function messageShortcuts() {
  return workspace.app.shortcuts.filter((shortcut) => shortcut.type === "message");
}

export function globalShortcuts() {
  return workspace.app.shortcuts.filter((shortcut) => shortcut.type !== "message");
}

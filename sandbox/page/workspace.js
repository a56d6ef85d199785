// What the page knows of the workspace: who acts, the people, the channels, the app. Filled from the sandbox's state.

import { api } from "./api.js";

export const workspace = {
  me: "", team: {}, mode: "http", users: new Map(), channels: new Map(),
  app: { name: "App", bot_user_id: "", commands: [], shortcuts: [], connected: true, scopes: [] },
};

const ACTING_KEY = "sandbox.acting";  // per tab, so two tabs can be two people

/** Load the state for `user` (or whoever acted last in this tab, or the first person). */
export async function loadWorkspace(user = sessionStorage.getItem(ACTING_KEY) ?? "") {
  let state = await api.state(user);
  const acting = chooseActor(state, user);
  if (acting !== user) state = await api.state(acting);
  sessionStorage.setItem(ACTING_KEY, acting);
  Object.assign(workspace, { me: acting, team: state.team ?? {}, mode: state.mode ?? "http" });
  workspace.app = { ...workspace.app, ...state.app };
  workspace.users = byId(state.users);
  workspace.channels = byId(state.channels);
}

function byId(items) {
  return new Map((items ?? []).map((item) => [item.id, item]));
}

function chooseActor(state, user) {
  const people = (state.users ?? []).filter((each) => isPerson(each));
  const wanted = people.find((each) => each.id === user || each.name === user);
  return (wanted ?? people[0])?.id ?? "";
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

/** The channel's topic as text; Slack nests it in an object. */
export function channelTopic(channelId) {
  const channel = workspace.channels.get(channelId) ?? {};
  const value = (field) => (typeof field === "string" ? field : field?.value ?? "");
  return value(channel.topic) || value(channel.purpose);
}

export function messageShortcuts() {
  return workspace.app.shortcuts.filter((shortcut) => shortcut.type === "message");
}

export function globalShortcuts() {
  return workspace.app.shortcuts.filter((shortcut) => shortcut.type !== "message");
}

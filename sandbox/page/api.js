// The calls a person's page makes to the sandbox. Every answer is JSON; a failure is an Error with a readable message.

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok || body.error) return body;
  throw new Error(body.detail ? String(body.detail) : `the sandbox answered ${response.status}`);
}

function query(parameters) {
  const present = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return new URLSearchParams(present).toString();
}

async function get(name, parameters = {}) {
  return answer(await fetch(`/people/${name}?${query(parameters)}`, { headers: { accept: "application/json" } }));
}

async function send(name, body, method = "POST") {
  const headers = { "content-type": "application/json" };
  return answer(await fetch(`/people/${name}`, { method, headers, body: JSON.stringify(body) }));
}

export const api = {
  state: (user) => get("state", { user }),
  messages: (user, channel, thread_ts) => get("messages", { user, channel, thread_ts }),
  views: (user) => get("views", { user }),
  traffic: (after) => get("traffic", { after }),
  options: (request) => get("options", request),
  post: (body) => send("messages", body),
  command: (body) => send("command", body),
  action: (body) => send("action", body),
  submitView: (body) => send("view_submit", body),
  closeView: (body) => send("view_close", body),
  shortcut: (body) => send("shortcut", body),
  openHome: (user) => send("home", { user }),
  react: (body) => send("reaction", body),
  remove: (body) => send("delete", body),
  faults: () => get("faults"),
  addFault: (body) => send("faults", body),
  clearFaults: () => send("faults", {}, "DELETE"),
  settings: (body) => send("settings", body),
};

/** Where a person downloads a file from. */
export function fileAddress(fileId) {
  return `/people/file/${encodeURIComponent(fileId)}`;
}

/**
 * Upload `files` (a list of File) as one message. `onProgress` gets the share sent, 0..1. XMLHttpRequest, because fetch
 * does not report upload progress.
 */
export function upload({ user, channel, thread_ts, text, files }, onProgress) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ user, channel, thread_ts, text })) if (value) form.append(name, value);
  for (const file of files) form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener(
      "progress",
      (event) => event.lengthComputable && onProgress(event.loaded / event.total),
    );
    request.addEventListener("load", () => settleUpload(request, resolve, reject));
    request.addEventListener("error", () => reject(new Error("the sandbox could not be reached")));
    request.open("POST", "/people/upload");
    request.send(form);
  });
}

function settleUpload(request, resolve, reject) {
  const body = parsed(request.responseText);
  if (request.status < 400 && body && !body.error) resolve(body);
  else reject(new Error(body?.error || body?.detail || `the sandbox answered ${request.status}`));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

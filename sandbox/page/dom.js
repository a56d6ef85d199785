// Building DOM nodes. Text only ever becomes text: nothing here, or in any module on top, parses HTML.

const PROPERTIES = new Set([
  "value",
  "checked",
  "disabled",
  "selected",
  "multiple",
  "textContent",
  "indeterminate",
  "hidden",
]);
const FORBIDDEN = new Set(["style", "innerHTML", "outerHTML", "srcdoc"]);

/** Create an element: attributes and properties by name, `on<event>` listeners, `dataset`; null and false are left out. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) assign(node, name, value);
  node.append(...present(children));
  return node;
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

function assign(node, name, value) {
  if (FORBIDDEN.has(name)) throw new Error(`attribute ${name} is not for this page`);
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name === "class") node.className = value;
  else if (PROPERTIES.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** Replace everything in `node` by `children`. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

let idCounter = 0;
/** An id no other element of the page has. */
export function freshId(prefix) {
  idCounter += 1;
  return `${prefix}-${idCounter}`;
}

const SAFE_PROTOCOLS = new Set(["http:", "https:", "mailto:"]);
/** The address as a browser reads it, or null for anything but http, https and mailto. */
export function safeHref(address) {
  try {
    const url = new URL(address);
    return SAFE_PROTOCOLS.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link to somewhere else; unsafe addresses give their label as plain text. */
export function link(address, ...label) {
  const href = safeHref(address);
  if (href === null) return h("span", {}, ...label);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

// Bidi controls and C0 controls can make a line read as something else; they are shown by their code point instead.
const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Nodes for untrusted text in which characters that reorder or hide text are spelled out. */
export function visibleText(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(DECEPTIVE)) {
    if (match.index > from) nodes.push(text.slice(from, match.index));
    nodes.push(h("span", { class: "control-character" }, codePoint(match[0])));
    from = match.index + 1;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

/** The same for places that hold a plain string (labels, options). */
export function visibleString(text) {
  return String(text ?? "").replace(DECEPTIVE, codePoint);
}

function codePoint(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

const signatures = new WeakMap();

/**
 * Bring `container` to hold one child per item, in order, keeping the nodes whose signature is unchanged, so focus,
 * scroll position and half-filled controls survive a live update. An item is {key, signature, render}.
 */
export function reconcile(container, items) {
  const existing = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let previous = null;
  for (const item of items) {
    const node = currentNode(existing.get(item.key), item);
    existing.delete(item.key);
    place(container, node, previous);
    previous = node;
  }
  for (const leftover of existing.values()) leftover.remove();
}

function currentNode(old, item) {
  if (old && signatures.get(old) === item.signature) return old;
  const node = item.render();
  node.dataset.key = item.key;
  signatures.set(node, item.signature);
  if (old) replaceKeepingFocus(old, node);
  return node;
}

function place(container, node, previous) {
  const expected = previous ? previous.nextElementSibling : container.firstElementChild;
  if (expected !== node) container.insertBefore(node, expected);
}

function replaceKeepingFocus(old, node) {
  const selector = old.contains(document.activeElement) ? focusSelector(document.activeElement) : null;
  old.replaceWith(node);
  if (selector) node.querySelector(selector)?.focus({ preventScroll: true });
}

function focusSelector(element) {
  for (const name of ["actionId", "testid", "control"]) {
    const value = element.dataset[name];
    if (value) return `[data-${name === "actionId" ? "action-id" : name}="${CSS.escape(value)}"]`;
  }
  return null;
}

// People as they are drawn: avatars, and the switch that says who acts.

import { fill, h, visibleString } from "./dom.js";
import { icon } from "./icons.js";
import { isBot, people, userName, workspace } from "./workspace.js";

const AVATAR_COLOURS = 7;

/** A round (people) or square (apps) tile with initials; its colour follows from the id. */
export function avatar(userId) {
  if (isBot(userId)) return h("span", { class: "avatar avatar-app", "aria-hidden": "true" }, icon("activity"));
  const name = userName(userId);
  const sum = [...String(userId)].reduce((total, character) => total + character.codePointAt(0), 0);
  return h("span", { class: `avatar avatar-${sum % AVATAR_COLOURS}`, "aria-hidden": "true" }, initials(name));
}

function initials(name) {
  const words = visibleString(name)
    .split(/[\s._-]+/)
    .filter(Boolean);
  return (
    words
      .slice(0, 2)
      .map((word) => [...word][0].toUpperCase())
      .join("") || "?"
  );
}

/** Fill the act-as switch. Its value is the acting person's id. */
export function drawActAs(select, tile) {
  const names = people().map(({ id }) => [id, visibleString(userName(id))]);
  const drawn = JSON.stringify(names);
  if (select.dataset.drawn !== drawn)
    fill(
      select,
      names.map(([id, name]) => h("option", { value: id }, name)),
    );
  select.dataset.drawn = drawn; // an open list would close if it were filled again
  if (select.value !== workspace.me) select.value = workspace.me;
  fill(tile, avatar(workspace.me));
}

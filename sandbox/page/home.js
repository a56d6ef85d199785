// The app's home tab, as the app published it for the acting person.

import { api } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { fill, h, visibleString } from "./dom.js";
import { telling } from "./notices.js";
import { createSurface, fieldValues, restoreValues } from "./surface.js";
import { workspace } from "./workspace.js";

let shown = { view: null, surface: null };

/** The person opens the tab: the app is told, and publishes what it wants shown. */
export async function openHome() {
  document.getElementById("home-name").textContent = visibleString(`${workspace.app.name} home`);
  await telling(api.openHome(workspace.me));
  await refreshHome();
}

/** Read the home view again and draw it. */
export async function refreshHome() {
  const user = workspace.me;
  const { home } = await api.views(user);
  if (workspace.me === user) drawHome(home);
}

function drawHome(view) {
  const body = document.getElementById("home-blocks");
  if (!view) {
    fill(body, h("p", { class: "empty" }, `${workspace.app.name} has not published a home for you yet.`));
    shown = { view: null, surface: null };
    return;
  }
  if (shown.view?.id === view.id && shown.view.hash === view.hash) return;
  const kept = shown.view?.id === view.id ? fieldValues(shown.surface) : null;
  const surface = createSurface({ view_id: view.id });
  fill(body, renderBlocks(view.blocks, surface));
  restoreValues(surface, kept);
  shown = { view, surface };
}

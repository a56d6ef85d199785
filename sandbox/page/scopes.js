// The scopes of the app's token: which the manifest asks for, which are granted now.

import { api } from "./api.js";
import { h, reconcile, visibleString } from "./dom.js";
import { telling } from "./notices.js";
import { workspace } from "./workspace.js";

/** Draw a tick for every scope of the manifest into `node`; ticking grants or takes it. */
export function drawScopes(node) {
  const { scopes, manifest_scopes: asked = scopes } = workspace.app;
  reconcile(
    node,
    asked.map((scope) => scopeItem(scope, scopes.includes(scope))),
  );
}

function scopeItem(scope, granted) {
  const tick = () =>
    h("input", {
      type: "checkbox",
      checked: granted,
      dataset: { control: scope },
      onchange: (event) => grant(scope, event.target.checked),
    });
  return {
    key: scope,
    signature: String(granted),
    render: () => h("label", { class: "tick-label" }, tick(), visibleString(scope)),
  };
}

function grant(scope, granted) {
  const others = workspace.app.scopes.filter((each) => each !== scope);
  telling(api.settings({ scopes: granted ? [...others, scope] : others }));
}

// A surface is one place blocks are drawn on: a message, a modal, the app's home. It knows where its actions go and
// what its fields hold.

import { api } from "./api.js";
import { confirmFirst } from "./confirm.js";
import { telling } from "./notices.js";
import { workspace } from "./workspace.js";

/** `where` is {channel, ts} for a message, {view_id} for a view. */
export function createSurface(where) {
  return { where, fields: [] };
}

/** block_id -> action_id -> raw value of every field on the surface. */
export function fieldValues(surface) {
  const values = {};
  for (const field of surface.fields) {
    values[field.blockId] ??= {};
    values[field.blockId][field.actionId] = field.read();
  }
  return values;
}

/** Put back values read earlier, where the same field is still there. */
export function restoreValues(surface, values) {
  for (const field of surface.fields) {
    const value = values?.[field.blockId]?.[field.actionId];
    if (value !== undefined) field.write(value);
  }
}

/** Tell the app that a person used an element; asks first where the element says so. Returns false when they declined. */
export async function act(surface, blockId, spec, value) {
  if (spec.confirm && !(await confirmFirst(spec.confirm))) return false;
  const request = {
    user: workspace.me,
    action_id: spec.action_id,
    block_id: blockId,
    value,
    values: fieldValues(surface),
  };
  await telling(api.action({ ...request, ...surface.where }));
  return true;
}

/** What an external select offers for `query`. */
export async function externalOptions(surface, blockId, actionId, query) {
  const request = { user: workspace.me, action_id: actionId, block_id: blockId, value: query, ...surface.where };
  const answer = await telling(api.options(request));
  return answer?.option_groups ? answer.option_groups.flatMap((group) => group.options) : (answer?.options ?? []);
}

// The file_input element: files are uploaded as they are chosen, the field's value is their ids.

import { upload } from "./api.js";
import { fill, h, visibleString } from "./dom.js";
import { icon } from "./icons.js";
import { fileSize } from "./moments.js";
import { notify } from "./notices.js";
import { workspace } from "./workspace.js";

const SLACK_MOST_FILES = 10;

/** Gives {node, read, write, onChange}; `read` is the list of file ids. */
export function fileInput(spec, slot) {
  const state = {
    files: [],
    most: spec.max_files ?? SLACK_MOST_FILES,
    changed: () => {},
    list: h("ul", { class: "attached" }),
  };
  const accept = (spec.filetypes ?? []).map((type) => `.${type}`).join(",");
  const input = h("input", {
    type: "file",
    multiple: state.most > 1,
    accept: accept || null,
    "aria-label": slot.label ?? "Files",
    dataset: { actionId: spec.action_id ?? "" },
  });
  input.addEventListener("change", () =>
    add(state, [...input.files]).finally(() => {
      input.value = "";
    }),
  );
  return {
    node: h("div", { class: "file-field" }, input, state.list),
    read: () => state.files.map((file) => file.id),
    write: (ids) => {
      if (ids.length === 0) {
        state.files = [];
        draw(state);
      }
    },
    onChange: (listener) => {
      state.changed = listener;
    },
  };
}

async function add(state, files) {
  const room = state.most - state.files.length;
  if (files.length > room) notify(`At most ${state.most} files here.`);
  const accepted = files.slice(0, room);
  if (accepted.length === 0) return;
  try {
    const answer = await upload({ user: workspace.me, files: accepted }, () => {});
    state.files.push(...answer.files);
    draw(state);
    state.changed();
  } catch (error) {
    notify(`The upload failed: ${error.message}.`);
  }
}

function draw(state) {
  fill(
    state.list,
    state.files.map((file) =>
      h(
        "li",
        {},
        visibleString(file.name),
        ` · ${fileSize(file.size)} `,
        h(
          "button",
          {
            type: "button",
            class: "icon-button",
            "aria-label": `Remove ${visibleString(file.name)}`,
            onclick: () => {
              state.files = state.files.filter((each) => each !== file);
              draw(state);
              state.changed();
            },
          },
          icon("close"),
        ),
      ),
    ),
  );
}

// Block Kit's blocks as DOM nodes. Text comes from outside and is only ever text; pictures only from this sandbox.

import { fileAddress } from "./api.js";
import { freshId, h, link, visibleString, visibleText } from "./dom.js";
import { element } from "./elements.js";
import { markdown } from "./markdown.js";
import { textObject } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

/** Nodes for a list of blocks on `surface`. */
export function renderBlocks(blocks, surface) {
  return (blocks ?? []).map((block) => renderBlock(block, surface));
}

function renderBlock(block, surface) {
  const draw = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type] : unknown;
  return h(
    "div",
    { class: `block block-${draw === unknown ? "unknown" : block.type}`, dataset: { blockId: block.block_id ?? "" } },
    draw(block, surface),
  );
}

function unknown(block) {
  return h("p", { class: "unknown-block" }, visibleText(`Block of a kind this page does not draw: ${block.type}`));
}

function slotOf(block, surface) {
  return { surface, blockId: block.block_id, dispatches: true };
}

function section(block, surface) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "section-field" }, textObject(field)));
  const body = h(
    "div",
    { class: "section-body" },
    block.text ? h("div", { class: "section-text" }, textObject(block.text)) : null,
    fields.length ? h("div", { class: "section-fields" }, fields) : null,
  );
  if (!block.accessory) return body;
  const accessory =
    block.accessory.type === "image" ? image(block.accessory) : element(block.accessory, slotOf(block, surface));
  return [body, h("div", { class: "section-accessory" }, accessory)];
}

function context(block) {
  return (block.elements ?? []).map((each) => (each.type === "image" ? image(each) : h("span", {}, textObject(each))));
}

function actions(block, surface) {
  return (block.elements ?? []).map((each) => element(each, slotOf(block, surface)));
}

function input(block, surface) {
  const labelId = freshId("label");
  const describedBy = freshId("about");
  const slot = {
    surface,
    blockId: block.block_id,
    dispatches: Boolean(block.dispatch_action),
    label: block.label?.text,
    labelId,
    describedBy,
  };
  const control = element(block.element ?? {}, slot);
  const focus = () =>
    control.matches("input, textarea, select")
      ? control.focus()
      : control.querySelector("input, select, textarea")?.focus();
  return [
    h(
      "label",
      { id: labelId, class: "field-label", onclick: focus },
      textObject(block.label),
      block.optional ? h("span", { class: "optional" }, " (optional)") : null,
    ),
    control,
    h(
      "div",
      { id: describedBy },
      h("p", { class: "field-error", hidden: true, role: "alert", dataset: { testid: "field-error" } }),
      block.hint ? h("p", { class: "hint" }, textObject(block.hint)) : null,
    ),
  ];
}

const FILE_PATH = /^\/files-pri\/[A-Z0-9]+-([A-Z0-9]+)\//;
/** The address of a picture on this sandbox, or null for a picture anywhere else. */
function localImage({ image_url: address, slack_file: file }) {
  if (file?.id) return fileAddress(file.id);
  const raw = file?.url ?? address ?? "";
  if (!URL.canParse(raw, location.href)) return null;
  const url = new URL(raw, location.href);
  if (url.origin !== location.origin) return null;
  const match = FILE_PATH.exec(url.pathname);
  return match ? fileAddress(match[1]) : url.href;
}

function image(spec) {
  const source = localImage(spec);
  const alt = visibleString(spec.alt_text ?? "");
  if (source) return h("img", { src: source, alt, loading: "lazy" });
  return h(
    "span",
    { class: "remote-image" },
    "Picture from elsewhere, not loaded: ",
    link(spec.image_url ?? "", alt || "image"),
  );
}

function imageBlock(block) {
  return h("figure", {}, block.title ? h("figcaption", {}, textObject(block.title)) : null, image(block));
}

function video(block) {
  const address = block.title_url ?? block.video_url ?? "";
  return [
    h("p", {}, "▶ ", link(address, textObject(block.title))),
    block.description ? h("p", { class: "hint" }, textObject(block.description)) : null,
  ];
}

function table(block) {
  const settings = block.column_settings ?? [];
  const cell = (tag) => (spec, column) => h(tag, { class: `align-${alignment(settings[column])}` }, cellContent(spec));
  const [head, ...rows] = block.rows ?? [];
  return h(
    "div",
    { class: "table-scroll", tabindex: "0" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, (head ?? []).map(cell("th")))),
      h(
        "tbody",
        {},
        rows.map((row) => h("tr", {}, row.map(cell("td")))),
      ),
    ),
  );
}

function alignment(setting) {
  return ["left", "center", "right"].includes(setting?.align) ? setting.align : "left";
}

function cellContent(spec) {
  if (spec?.type === "rich_text") return richText(spec);
  return visibleText(String(spec?.text ?? ""));
}

function file(block) {
  return h("p", {}, "📄 ", visibleText(`File ${block.external_id ?? ""}`));
}

const BLOCKS = {
  header: (block) => h("h3", {}, textObject(block.text)),
  section,
  context,
  actions,
  input,
  table,
  video,
  file,
  context_actions: actions,
  divider: () => h("hr"),
  image: imageBlock,
  markdown: (block) => h("div", { class: "markdown" }, markdown(block.text)),
  rich_text: (block) => richText(block),
};

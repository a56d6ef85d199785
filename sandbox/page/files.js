// The files of a message: a card each, pictures shown.

import { fileAddress } from "./api.js";
import { h, visibleString } from "./dom.js";
import { icon } from "./icons.js";
import { fileSize } from "./moments.js";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** The list of cards, or null. */
export function fileCards(message) {
  if (!message.files?.length) return null;
  return h(
    "ul",
    { class: "files", "aria-label": "Files" },
    message.files.map((file) => h("li", {}, fileCard(file))),
  );
}

function fileCard(file) {
  if (file.mode === "tombstone") return h("span", { class: "file-card gone" }, icon("trash"), "This file was deleted.");
  const name = visibleString(file.title || file.name || file.id);
  const href = fileAddress(file.id);
  const picture = PICTURES.has(file.mimetype)
    ? h(
        "a",
        { href, target: "_blank", rel: "noopener" },
        h("img", { class: "file-picture", src: href, alt: name, loading: "lazy" }),
      )
    : null;
  return [
    picture,
    h(
      "a",
      { class: "file-card", href, download: file.name ?? "file", dataset: { testid: "file" } },
      icon("file"),
      h("span", { class: "file-name" }, h("bdi", {}, name), h("span", { class: "hint" }, fileNote(file))),
      icon("download"),
      h("span", { class: "sr-only" }, "Download"),
    ),
  ];
}

function fileNote(file) {
  if (file.file_access === "check_file_info") return "shared from elsewhere";
  return [fileSize(file.size), file.pretty_type || file.filetype].filter(Boolean).join(" · ");
}

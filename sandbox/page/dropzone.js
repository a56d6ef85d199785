// Dropping files on a pane. The overlay says where they will go, and goes away when the drag does.

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** Files dropped on `zone` go to `accept(files)`. */
export function acceptDrops(zone, accept) {
  let depth = 0; // enter and leave fire for every child on the way
  const show = (count) => {
    depth = Math.max(0, count);
    zone.classList.toggle("dropping", depth > 0);
  };
  zone.addEventListener("dragenter", (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      show(depth + 1);
    }
  });
  zone.addEventListener("dragleave", (event) => {
    if (hasFiles(event)) show(depth - 1);
  });
  zone.addEventListener("dragover", (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    }
  });
  zone.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(0);
    accept(event.dataTransfer.files);
  });
}

/** A file dropped beside the zones must not make the browser leave the page. */
export function refuseStrayDrops() {
  for (const name of ["dragover", "drop"])
    window.addEventListener(name, (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
}

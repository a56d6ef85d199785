// The page's own line icons, drawn on a 20 x 20 grid. Always beside a label for those who do not see them.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  activity: "M2 10h4l2.5-6 3.5 12 2.5-6H18",
  attach: "M14.5 9.5l-5 5a3.2 3.2 0 0 1-4.5-4.5l6-6a2.1 2.1 0 0 1 3 3l-6 6a1 1 0 0 1-1.5-1.5l5-5",
  back: "M12 4l-6 6 6 6",
  bolt: "M11 2L4.5 11.5H10L9 18l6.500-9.500H10z",
  close: "M5 5l10 10M15 5L5 15",
  download: "M10 3v9m0 0l-3.500-3.500M10 12l3.500-3.500M4 16h12",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 12.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400z",
  file: "M6 3h5.500L15 6.500V17H6zM11 3v4h4",
  home: "M3.500 9.500L10 4l6.500 5.500V16h-4.500v-4h-4v4H3.500z",
  link: "M8.500 11.500l3-3M7 9l-2 2a2.800 2.800 0 0 0 4 4l2-2M9 7l2-2a2.800 2.800 0 0 1 4 4l-2 2",
  lock: "M5 9h10v7.500H5zM7 9V6.500a3 3 0 0 1 6 0V9",
  more: "M4.500 10h.01M10 10h.01M15.500 10h.01",
  pin: "M8 3h5l-.5 5 2.500 3H6l2.500-3zM10.500 11v6",
  reply: "M4 4.500h12v8.500H9.500L6 16v-3H4z",
  send: "M3 10l14-6-4.500 13-3-5.500zM9.500 11.500L17 4",
  smile: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7 11.500c.8 1.300 1.800 2 3 2s2.200-.7 3-2M7.700 8h.01M12.300 8h.01",
  trash: "M4 6h12M8 6V4h4v2M6 6l.8 10.500h6.400L14 6",
  chevron: "M6 8l4 4 4-4",
};

/** An svg element that inherits its colour and is hidden from assistive technology. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 20 20",
    class: `icon icon-${name}`,
    "aria-hidden": "true",
    focusable: "false",
  })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

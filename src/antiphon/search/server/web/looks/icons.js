/** Icons: lines on a grid of 24, in the colour of the text beside them. */

import { svg } from "../app/element.js";

const LINES = {
  add: "M4 7h10M4 12h7M4 17h7M17 11v8M13 15h8",
  arrowDown: "M12 5v14M6 13l6 6 6-6",
  arrowUp: "M12 19V5M6 11l6-6 6 6",
  close: "M6 6l12 12M18 6L6 18",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  filter: "M4 7h16M7 12h10M10 17h4",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  help: "M9.2 9.2a2.9 2.9 0 1 1 4.4 2.5c-1 .6-1.6 1.2-1.6 2.4M12 17.6v.1",
  like: "M8 7a7 7 0 0 0 0 10M5 4.5a11 11 0 0 0 0 15M16 7a7 7 0 0 1 0 10M19 4.5a11 11 0 0 1 0 15M12 12v.1",
  list: "M4 6h16M4 12h16M4 18h10",
  minus: "M6 12h12",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  path: "M5 19a2 2 0 1 0 0-.1M19 5a2 2 0 1 0 0-.1M7 19h7a3.5 3.5 0 0 0 0-7h-4a3.5 3.5 0 0 1 0-7h7",
  plus: "M12 6v12M6 12h12",
  remove: "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 12.500h9l1-12.500M10.200 10.500v5.500M13.800 10.500v5.500",
  rename: "M4.500 19.500l1-4.500L16 4.500l3.500 3.500L9 18.500zM13.500 7l3.500 3.500",
  save: "M6 4h12v16l-6-4-6 4z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.4 15.4L20 20",
  sound: "M4 10v4h3l5 4V6L7 10zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  silent: "M4 10v4h3l5 4V6L7 10zM16 10l4 4M20 10l-4 4",
  thumbDown: "M7 14V4M7 4h9.5a2 2 0 0 1 2 1.6l1.3 6A2 2 0 0 1 17.8 14H14l.8 4a2 2 0 0 1-3.6 1.5L7 14H4V4h3",
  thumbUp: "M7 10v10M7 20h9.500a2 2 0 0 0 2-1.600l1.300-6A2 2 0 0 0 17.800 10H14l.8-4a2 2 0 0 0-3.600-1.500L7 10H4v10h3",
  whole: "M5 9V5h4M19 9V5h-4M5 15v4h4M19 15v4h-4",
  why: "M12 3.500a6.500 6.500 0 0 0-3.500 12V18h7v-2.500a6.500 6.500 0 0 0-3.500-12zM9.500 21h5",
};
const SOLID = {
  next: "M6 5.500v13l9-6.500zM16.500 5.500h2v13h-2z",
  pause: "M7 5h3.600v14H7zM13.400 5H17v14h-3.600z",
  play: "M7.500 4.800v14.400L19.500 12z",
  previous: "M18 5.500v13L9 12zM5.500 5.500h2v13h-2z",
};

/** An icon by its name. */
export function icon(name) {
  const solid = SOLID[name];
  const path = svg("path", solid ? { d: solid, fill: "currentColor" } : { d: LINES[name] });
  return svg("svg", { viewBox: "0 0 24 24", class: solid ? "icon solid" : "icon", "aria-hidden": "true", focusable: "false" }, path);
}

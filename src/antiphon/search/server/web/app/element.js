/**
 * Making elements. Whatever a library says becomes text, never markup: nothing on this page parses HTML.
 */

/** The element with an id. */
export const $ = (id) => document.getElementById(id);

/**
 * An element.
 *
 * @param {string} name of the tag, with classes behind dots: "button.pill.strong".
 * @param {Object} [attributes] values; false and null leave one out, true makes one without a value, functions listen: {onclick}.
 * @param {...(Node|string|null|Array)} children texts and elements.
 * @returns {HTMLElement}
 */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, String(value));
  }
  made.append(...children.flat().filter((child) => child != null && child !== false));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing; children are elements. */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children.flat());
  return made;
}

/** Words of the library: they keep their own writing direction, and turn nothing around them. */
export function words(text, name = "bdi") {
  return h(name, { dir: "auto" }, text);
}

/** A button with an icon and a name that is read out and shown as a tip. */
export function iconButton(drawing, label, onclick, attributes = {}) {
  return h("button.round", { type: "button", "aria-label": label, title: label, onclick, ...attributes }, drawing);
}

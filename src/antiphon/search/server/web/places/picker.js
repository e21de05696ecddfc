/** A box that finds a track by its title or artist: the combobox of the ARIA practices. */

import { ask } from "../app/api.js";
import { h, iconButton, words } from "../app/element.js";
import { nameOf, plain, titleOf } from "../app/wording.js";
import { cover } from "../looks/covers.js";
import { icon } from "../looks/icons.js";

const TYPING_MS = 150;
const FOUND = 8;

/**
 * A picker.
 *
 * @param {{id: string, label: string, track: ?Object, onPick: Function}} options `onPick` gets a track, or null.
 */
export function picker({ id, label, track, onPick }) {
  if (track) return picked(label, track, onPick);
  const listId = `${id}-list`;
  const box = h("input", { id, type: "text", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, placeholder: "title or artist", autocomplete: "off" });
  const list = h("ul.options", { id: listId, role: "listbox", "aria-label": label, hidden: true });
  const state = { found: [], at: -1, timer: 0, asked: 0 };
  box.addEventListener("input", () => {
    // What was found for other letters is nobody's choice any more.
    Object.assign(state, { found: [], at: -1, asked: state.asked + 1 });
    close(box, list);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => find(box, list, state, onPick), TYPING_MS);
  });
  box.addEventListener("focus", () => find(box, list, state, onPick));
  box.addEventListener("blur", () => setTimeout(() => close(box, list), 150));
  box.addEventListener("keydown", (event) => onKey(event, box, list, state, onPick));
  return h("div.picker", {}, h("label", { for: id }, label), box, list);
}

function picked(label, track, onPick) {
  return h("div.picker.picked", { role: "group", "aria-label": label }, h("span.label", {}, label), cover(track), h("div.text", {}, words(titleOf(track), "p.title"), words(plain(track.artist), "p.by")), iconButton(icon("close"), `Choose another track: ${label}`, () => onPick(null)));
}

async function find(box, list, state, onPick) {
  const asked = (state.asked += 1);
  try {
    const got = await ask(["v1", "tracks"], { parameters: { find: box.value.trim(), count: FOUND } });
    if (asked !== state.asked || document.activeElement !== box) return;
    state.found = got.tracks ?? got;
    state.at = -1;
    list.replaceChildren(...state.found.map((track, n) => option(track, `${list.id}-${n}`, () => onPick(track))));
    if (!state.found.length) list.append(h("li.none", {}, "No track is called so."));
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  } catch {
    close(box, list); // the page says what is wrong with the server
  }
}

function option(track, id, pick) {
  // The list is left by the box losing focus, which must not come before the press.
  return h("li", { id, role: "option", "aria-selected": "false", "aria-label": nameOf(track), onmousedown: (event) => event.preventDefault(), onclick: pick }, cover(track), h("span.text", {}, words(titleOf(track), "span.title"), words(plain(track.artist), "span.by")));
}

function onKey(event, box, list, state, onPick) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && state.found.length) {
    event.preventDefault();
    state.at = (state.at + step + state.found.length) % state.found.length;
    [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === state.at)));
    list.children[state.at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", list.children[state.at].id);
  } else if (event.key === "Enter" && state.found.length) {
    event.preventDefault();
    onPick(state.found[Math.max(0, state.at)]);
  } else if (event.key === "Escape") {
    close(box, list);
  }
}

function close(box, list) {
  list.hidden = true;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

/** Keys, for everything. They are left alone while somebody types, and beside Ctrl, Alt and the like. */

import { closeFilters } from "../answers/filters.js";
import { show } from "./access.js";
import { $, h } from "./element.js";
import { isOwner } from "../library/status.js";
import * as player from "../sound/player.js";

/** Keys that only an owner has. */
const JUDGING = "u   d";
const KEYS = [
  ["/", "to the question"],
  ["j k  or  ↓ ↑", "through the answers"],
  ["Enter", "plays the answer"],
  ["Space", "plays and pauses"],
  ["n   p", "next and previous track"],
  ["← →", "back and forward by 10 seconds"],
  ["w", "why did it match?"],
  ["m", "more like this"],
  ["a", "add to the queue"],
  [JUDGING, "it fits, it does not"],
  ["Alt+↑   Alt+↓", "moves a track of the queue"],
  ["Shift+P", "a path from or to this track"],
  ["Esc", "closes what is open"],
  ["?", "this help"],
];
const SEEK_SECONDS = 10;

/** Listen to keys, and offer their list. */
export function initKeyboard() {
  document.addEventListener("keydown", onKey);
  $("help").addEventListener("click", openHelp);
}

function onKey(event) {
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.id === "words") return fromBox(event);
  if (event.key === "Escape" && target.closest("#filters, #filter-panel") && closeFilters()) return event.preventDefault();
  if (target.closest("input, select, textarea, [role=application]")) return;
  const act = ACTS[event.key === "P" ? "P" : event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || act(target, event) === false) return;
  event.preventDefault();
}

function fromBox(event) {
  if (event.key === "ArrowDown" && step(1, null)) event.preventDefault();
  if (event.key === "Escape" && !event.target.value) event.target.blur();
}

const ACTS = {
  "/": () => focusBox(),
  "?": () => openHelp(),
  j: (target) => step(1, target),
  k: (target) => step(-1, target),
  ArrowDown: (target) => step(1, target),
  ArrowUp: (target) => step(-1, target),
  ArrowLeft: () => player.seekBy(-SEEK_SECONDS),
  ArrowRight: () => player.seekBy(SEEK_SECONDS),
  // On a button the space bar is the button's, except on the one that plays an answer: that is what it does anyway.
  " ": (target) => (target.closest("button, a, summary") ? false : player.toggle()),
  n: () => player.next(),
  p: () => player.previous(),
  P: (target) => press(target, "p"),
  w: (target) => press(target, "w"),
  m: (target) => press(target, "m"),
  a: (target) => press(target, "a"),
  u: (target) => press(target, "u"),
  d: (target) => press(target, "d"),
  Escape: () => closeFilters() || player.closePanel(),
};

function focusBox() {
  scrollTo({ top: 0 });
  $("words").focus();
  $("words").select();
}

/** To the next or last row of the list at hand; from its first row back to the question. */
function step(by, target) {
  const rows = [...document.querySelectorAll("main section:not([hidden]) .hit")].filter((row) => row.checkVisibility());
  if (!rows.length) return false;
  const at = target ? rows.indexOf(target.closest(".hit")) : -1;
  if (at === 0 && by < 0) {
    focusBox();
    return true;
  }
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
  next.querySelector(".hit-play").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(target, key) {
  const row = target.closest(".hit") ?? document.querySelector(".hit:focus-within, .hit.now");
  const button = row?.querySelector(`[data-key="${key}"]`);
  if (!button) return false;
  button.click();
  return true;
}

function openHelp() {
  const close = h("button.pill.strong", { type: "button", onclick: () => dialog.close() }, "Close");
  const rows = KEYS.filter(([keys]) => keys !== JUDGING || isOwner()).flatMap(([keys, says]) => [h("dt", {}, keys.split("  ").map((key) => (key.trim() === "or" ? " or " : h("kbd", {}, key.trim())))), h("dd", {}, says)]);
  const dialog = show(
    h("div.help", {}, h("h2", {}, "Keys"), h("dl", {}, rows), h("h2", {}, "Questions"), questions(), h("div.buttons", {}, close)),
    { "aria-label": "Keys and help" },
  );
  close.focus();
}

function questions() {
  const samples = [
    ["slow sad piano", "one description"],
    ["piano:2 rain", "two things, the first counts twice"],
    ["piano, no drums", "one thing, away from another"],
    ["an artist or a title", "is found by its name"],
  ];
  return h("dl.samples", {}, samples.flatMap(([typed, says]) => [h("dt", {}, h("code", {}, typed)), h("dd", {}, says)]));
}

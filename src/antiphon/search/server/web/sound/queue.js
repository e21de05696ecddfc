/** What is playing, large, and what comes after it. */

import { say } from "../app/announce.js";
import { $, h, iconButton, words } from "../app/element.js";
import { clock, counted, nameOf, plain, titleOf } from "../app/wording.js";
import { cover } from "../looks/covers.js";
import { palette } from "../looks/colours.js";
import { icon } from "../looks/icons.js";
import { draggable } from "./dragging.js";
import * as player from "./player.js";
import { openSaving } from "./playlists.js";

const SHOWN = 200;

/** Draw it, and again whenever the queue changes. */
export function initQueue() {
  player.events.addEventListener("queue", drawQueue);
  player.events.addEventListener("close", () => showPanel(false));
  drawQueue();
}

/** Open or close the panel where it lies over the page. */
export const togglePanel = () => showPanel(!$("panel").classList.contains("open"));

function showPanel(opens) {
  const was = $("panel").classList.contains("open");
  $("panel").classList.toggle("open", opens);
  $("queue-button").setAttribute("aria-expanded", String(opens));
  if (opens) $("panel").focus();
  else if (was) $("queue-button").focus();
}

/** Draw it anew. */
export function drawQueue() {
  const track = player.current();
  const panel = $("panel");
  const held = panel.contains(document.activeElement) ? document.activeElement.dataset.place : null;
  panel.replaceChildren(closeButton(), track ? now(track) : nothing(), ...(player.tracks().length ? list() : []));
  if (held) (panel.querySelector(`[data-place="${held}"]`) ?? panel).focus();
  glow(track);
}

const closeButton = () => h("div.panel-close", {}, iconButton(icon("close"), "Close the queue", () => showPanel(false)));

function now(track) {
  const length = clock(track.seconds);
  return h(
    "div.now-large",
    {},
    h("div.big", {}, cover(track)),
    words(titleOf(track), "p.title"),
    h("p.by", {}, words(plain(track.artist)), plain(track.album) ? h("span", {}, " · ", words(plain(track.album))) : null),
    length ? h("p.quiet.unseen", {}, length) : null,
  );
}

function nothing() {
  return h(
    "div.nothing",
    {},
    h("p.title", {}, "Nothing is playing"),
    h("p.quiet", {}, "Play an answer, and those after it follow. Or build a queue of your own with ", icon("add"), "."),
  );
}

function list() {
  const [tracks, at] = [player.tracks(), player.position()];
  const first = Math.max(0, at - 2);
  const rows = tracks.slice(first, first + SHOWN).map((track, n) => entry(track, first + n, at));
  const left = tracks.slice(Math.max(at, 0)).reduce((sum, track) => sum + (track.seconds ?? 0), 0);
  return [
    h("div.queue-head", {}, h("h2", {}, "Queue"), h("span.quiet", {}, [counted(tracks.length, "track"), left ? clock(left) : ""].filter(Boolean).join(" · "))),
    h("ol.queue", { "aria-label": "Queue", onkeydown: onKey }, rows),
    h("div.buttons", {}, h("button.pill", { type: "button", onclick: player.clear }, "Clear"), h("button.pill", { type: "button", onclick: () => openSaving(tracks, "My playlist") }, icon("save"), "Save as playlist")),
  ];
}

function entry(track, place, at) {
  const name = nameOf(track);
  const state = place === at ? "li.entry.at" : place < at ? "li.entry.past" : "li.entry";
  const play = h("button.entry-play", { type: "button", "aria-label": `Play ${name}`, "aria-current": place === at ? "true" : false, "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown Delete", "data-place": `play${place}`, onclick: () => player.goTo(place) }, cover(track), h("span.text", {}, words(titleOf(track), "span.title"), words(plain(track.artist), "span.by")));
  const tool = (drawing, label, act, key) => iconButton(icon(drawing), `${label} ${name}`, act, { "data-place": `${key}${place}` });
  const tools = h("span.tools", {}, tool("arrowUp", "Move up", () => move(place, -1, "up"), "up"), tool("arrowDown", "Move down", () => move(place, 1, "down"), "down"), tool("close", "Remove", () => player.remove(place), "out"));
  const grip = h("span.grip", { "aria-hidden": "true", title: "Drag to another place" }, icon("grip"));
  const row = h(state, { "data-at": place }, grip, play, tools);
  draggable(row, grip, (by) => (by ? move(place, by, "play") : drawQueue()));
  return row;
}

/** Move one; the focus goes with it, to the same button. */
function move(place, by, key) {
  const name = nameOf(player.tracks()[place]);
  const to = place + by;
  if (!player.move(place, to)) return say(`${name} is ${by < 0 ? "first" : "last"}.`);
  $("panel").querySelector(`[data-place="${key}${to}"]`)?.focus();
  return say(`${name}: ${to + 1} of ${player.tracks().length}`);
}

/** Arrows go through the queue; with Alt they take the track along. */
function onKey(event) {
  const row = event.target.closest(".entry");
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!row || event.ctrlKey || event.metaKey || (!by && event.key !== "Delete")) return;
  event.preventDefault();
  event.stopPropagation();
  const place = Number(row.dataset.at);
  if (!by) player.remove(place);
  else if (event.altKey) move(place, by, event.target.closest("[data-place]").dataset.place.replace(/\d+$/, ""));
  else (by < 0 ? row.previousElementSibling : row.nextElementSibling)?.querySelector(".entry-play").focus();
}

/** The page takes a little of the colour of what is playing. */
function glow(track) {
  const root = document.documentElement.style;
  if (!track) return root.removeProperty("--glow");
  const colours = palette(track);
  root.setProperty("--glow", colours.mid);
  root.setProperty("--glow-2", colours.spark);
  return undefined;
}

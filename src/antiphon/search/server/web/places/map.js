/** The map: all tracks, near what sounds alike. Fetched when it is first looked at. */

import { say } from "../app/announce.js";
import { ask } from "../app/api.js";
import { $, h, iconButton, words } from "../app/element.js";
import { count, counted, nameOf, plain, shortened, titleOf } from "../app/wording.js";
import { library } from "../library/status.js";
import { cover } from "../looks/covers.js";
import { learnPlace } from "../looks/colours.js";
import { icon } from "../looks/icons.js";
import * as player from "../sound/player.js";
import { Drawing } from "./drawing.js";
import { attachGestures, zoomBy } from "./gestures.js";
import { Points } from "./points.js";

const REACH_PIXELS = 18;
const NAMED = 14;
const VISIT = 4;
let loading = null;
let data = null;
let points = null;
let drawing = null;
let hits = [];
let way = [];

/** Show which tracks answer the present question. */
export function highlight(tracks) {
  hits = tracks;
  mark();
}

/** Show a path. */
export function showWay(tracks) {
  way = tracks;
  mark();
}

/** Show the view. */
export async function showMap({ words, where }) {
  const place = $("map");
  place.hidden = false;
  try {
    if (!data) place.replaceChildren(h("h2", { id: "map-title" }, "Map"), h("p.quiet", {}, "Drawing the map …"));
    await load();
    if (!place.querySelector("canvas")) build(place);
    place.querySelector(".map-told").textContent = words ? `Marked: answers to “${shortened(words, 60)}”${where ? ` where ${shortened(where, 60)}` : ""}` : "";
    resize();
  } catch (error) {
    place.replaceChildren(h("h2", { id: "map-title" }, "Map"), h("p.remark.doubt", {}, error.message), error.fix ? h("p.remark", {}, error.fix) : "");
  }
}

/** Forget it, such as when the library has grown. */
export function forgetMap() {
  loading = data = points = drawing = null;
  $("map").replaceChildren();
}

async function load() {
  loading ??= ask(["v1", "map"]);
  try {
    data ??= await loading;
  } catch (error) {
    loading = null;
    throw error;
  }
  if (points) return;
  points = new Points(data);
  data.track_ids.forEach((id, row) => learnPlace(id, points.xs[row], points.ys[row]));
}

const trackAt = (row) => ({ track_id: data.track_ids[row], title: data.titles[row], artist: data.artists[row], album: "" });

function build(place) {
  const canvas = h("canvas", { tabindex: "0", role: "application", "aria-label": "Map of the library. Arrow keys go from track to track, Enter plays, plus and minus zoom, 0 shows all.", "aria-describedby": "map-hint" });
  const tip = h("div.map-tip", { hidden: true });
  const tools = h("div.map-tools", { role: "group", "aria-label": "Zoom" }, iconButton(icon("plus"), "Closer", () => zoomBy(drawing, 1.6)), iconButton(icon("minus"), "Farther", () => zoomBy(drawing, 1 / 1.6)), iconButton(icon("whole"), "All of it", whole));
  place.replaceChildren(...[
    h("div.answers-head", {}, h("h2", { id: "map-title" }, "Map"), h("p.quiet.map-told")),
    h("div.map-frame", {}, canvas, tip, tools),
    regions(),
    h("p.hint", { id: "map-hint" }, `${points.count < library().tracks ? `${count(points.count)} of ` : ""}${counted(library().tracks, "track")}. What sounds alike lies close together, in one colour. Drag, zoom, and click to play.`),
  ].filter(Boolean));
  drawing = new Drawing(canvas, points, (row) => shortened(titleOf(trackAt(row)), 42), data.regions ?? []);
  attachGestures(canvas, drawing, { onHover: (left, top) => hover(left, top, tip), onClick: click, onLeave: () => point(-1, tip) });
  canvas.addEventListener("keydown", (event) => onKey(event, tip));
  canvas.addEventListener("blur", () => point(-1, tip));
  new ResizeObserver(resize).observe(canvas);
  addEventListener("antiphon:theme", () => (drawing?.restyle(), drawing?.later()));
  player.events.addEventListener("queue", mark);
  mark();
}

/** The most telling regions as buttons: for fingers, keys and screen readers. */
function regions() {
  const named = (data.regions ?? []).slice(0, NAMED);
  if (!named.length) return null;
  const buttons = named.map((region) => h("button.chip", { type: "button", onclick: () => visit(region) }, h("bdi", { dir: "auto" }, plain(region.name))));
  return h("div.map-regions", { role: "group", "aria-label": "Regions" }, buttons);
}

function visit({ x, y, name, tracks }) {
  Object.assign(drawing, { x, y, scale: VISIT });
  drawing.later();
  say(`${plain(name)}: ${counted(tracks, "track")}`);
}

function resize() {
  const canvas = drawing?.canvas;
  if (!canvas?.clientWidth) return;
  const density = Math.min(2, devicePixelRatio || 1);
  const [wide, high] = [Math.round(canvas.clientWidth * density), Math.round(canvas.clientHeight * density)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  drawing.restyle();
  drawing.later();
}

function mark() {
  if (!drawing) return;
  const rows = (tracks) => tracks.map((track) => points.rowOf.get(track.track_id)).filter((row) => row !== undefined);
  drawing.hits = rows(hits);
  drawing.way = rows(way);
  drawing.playing = points.rowOf.get(player.current()?.track_id) ?? -1;
  drawing.later();
}

function whole() {
  Object.assign(drawing, { scale: 1, x: 0, y: 0 });
  drawing.later();
}

function rowUnder(left, top) {
  const [x, y] = drawing.under(left, top);
  return points.nearest(x, y, (REACH_PIXELS * drawing.density) / drawing.unit, drawing.stretch);
}

const hover = (left, top, tip) => point(rowUnder(left, top), tip);

function click(left, top) {
  const row = rowUnder(left, top);
  if (row >= 0) player.playNow(trackAt(row));
}

/** Name the track at a point. */
function point(row, tip) {
  if (drawing.at === row) return;
  drawing.at = row;
  drawing.later();
  tip.hidden = row < 0;
  if (row < 0) return;
  const track = trackAt(row);
  const [left, top] = drawing.place(points.xs[row], points.ys[row]).map((pixels) => pixels / drawing.density);
  tip.replaceChildren(cover(track), h("div.text", {}, words(titleOf(track), "p.title"), words(plain(track.artist), "p.by")));
  const flips = left > drawing.canvas.clientWidth / 2;
  tip.style.left = flips ? "auto" : `${left + 16}px`;
  tip.style.right = flips ? `${drawing.canvas.clientWidth - left + 16}px` : "auto";
  tip.style.top = `${Math.max(8, Math.min(drawing.canvas.clientHeight - 80, top - 30))}px`;
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKey(event, tip) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (WAYS[event.key]) {
    const from = drawing.at >= 0 ? drawing.at : (drawing.hits[0] ?? points.nearest(drawing.x, drawing.y, 9));
    const next = drawing.at < 0 ? from : points.towards(from, ...WAYS[event.key]);
    if (next >= 0) go(next, tip);
  } else if (event.key === "Enter" && drawing.at >= 0) player.playNow(trackAt(drawing.at));
  else if (event.key === "+" || event.key === "=") zoomBy(drawing, 1.6);
  else if (event.key === "-") zoomBy(drawing, 1 / 1.6);
  else if (event.key === "0") whole();
  else if (event.key === " ") player.toggle();
  else return;
  event.preventDefault();
}

/** To a track by the keyboard: kept in sight, and spoken. */
function go(row, tip) {
  const [left, top] = drawing.place(points.xs[row], points.ys[row]);
  const margin = 40 * drawing.density;
  if (left < margin || top < margin || left > drawing.canvas.width - margin || top > drawing.canvas.height - margin) {
    Object.assign(drawing, { x: points.xs[row], y: points.ys[row] });
  }
  point(row, tip);
  say(nameOf(trackAt(row)));
}

/** A path through the space of sounds: from one track to another, each step a small one. */

import { go } from "../app/address.js";
import { notify, say } from "../app/announce.js";
import { ask } from "../app/api.js";
import { $, h } from "../app/element.js";
import { counted, titleOf } from "../app/wording.js";
import { row } from "../answers/row.js";
import { ownRemarks } from "../library/status.js";
import { cover } from "../looks/covers.js";
import { icon } from "../looks/icons.js";
import { openSaving } from "../sound/playlists.js";
import * as player from "../sound/player.js";
import { showWay } from "./map.js";
import { known } from "./picked.js";
import { picker } from "./picker.js";

const LENGTHS = [8, 15, 25, 40];
let shown = "";

/** Show the view of a state. */
export async function showPath(state) {
  const place = $("path");
  place.hidden = false;
  const key = JSON.stringify([state.from, state.to, state.length]);
  if (key === shown && place.children.length) return;
  shown = key;
  const [from, to] = await Promise.all([state.from, state.to].map(card));
  if (shown !== key) return;
  const result = h("div.path-result");
  place.replaceChildren(h("h1", { id: "path-title" }, "A path between two tracks"), h("p.quiet", {}, "Each step sounds a little less like where it began, and a little more like where it goes."), ends(from, to, state), result);
  const box = place.querySelector("input[role=combobox]");
  if (box && document.activeElement === document.body) box.focus();
  if (from && to) await walk(state, result, key);
}

async function card(id) {
  if (!id || known.has(id)) return known.get(id) ?? null;
  try {
    const found = await ask(["v1", "tracks", id]);
    known.set(id, found);
    return found;
  } catch (error) {
    notify(error.message);
    return null;
  }
}

function ends(from, to, state) {
  const choose = (end) => (track) => {
    if (track) known.set(track.track_id, track);
    go({ view: "path", [end]: track?.track_id ?? "" });
  };
  const length = h("select", { id: "path-length" }, LENGTHS.map((many) => h("option", { value: many, selected: many === state.length }, counted(many, "track"))));
  length.addEventListener("change", () => go({ length: Number(length.value) }));
  return h(
    "div.ends",
    {},
    picker({ id: "path-from", label: "From", track: from, onPick: choose("from") }),
    picker({ id: "path-to", label: "To", track: to, onPick: choose("to") }),
    h("div.picker.short", {}, h("label", { for: "path-length" }, "Length"), length),
  );
}

async function walk(state, place, key) {
  place.replaceChildren(h("p.quiet", {}, "Walking …"));
  try {
    const { hits, remarks = [] } = await ask(["v1", "path"], { body: { from: state.from, to: state.to, k: state.length } });
    if (shown !== key) return;
    hits.forEach((hit) => known.set(hit.track_id, hit));
    showWay(hits);
    place.replaceChildren(...drawn(hits, remarks));
    say(`A path of ${counted(hits.length, "track")}.`);
  } catch (error) {
    if (shown === key) place.replaceChildren(h("p.remark.doubt", {}, error.message.split("\n")[0]), error.fix ? h("p.remark", {}, error.fix) : "");
  }
}

function drawn(hits, remarks) {
  const name = `${titleOf(hits[0])} to ${titleOf(hits.at(-1))}`;
  return [
    h("div.ribbon", { "aria-hidden": "true" }, hits.map(cover)),
    h("div.answers-head", {}, h("h2", {}, counted(hits.length, "track")), h("div.answers-tools", {}, tool("play", "Play the path", () => player.replace(hits)), tool("save", "Save as playlist", () => openSaving(hits, name)), tool("whole", "On the map", () => go({ view: "map" })))),
    ...ownRemarks(remarks).map((remark) => h("p.remark", {}, remark)),
    h("ol.hits.way", {}, hits.map((hit) => row(hit, { tracks: hits }))),
  ];
}

const tool = (drawing, label, onclick) => h("button.pill", { type: "button", onclick }, icon(drawing), label);

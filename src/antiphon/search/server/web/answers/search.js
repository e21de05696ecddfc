/** Search as one types: what is asked, which answer still counts, and how it is shown. */

import { current, go } from "../app/address.js";
import { notify, say } from "../app/announce.js";
import { ask } from "../app/api.js";
import { $, h, iconButton, words } from "../app/element.js";
import { counted, shortened, titleOf } from "../app/wording.js";
import { isOwner, ownRemarks } from "../library/status.js";
import { icon } from "../looks/icons.js";
import { highlight } from "../places/map.js";
import { openSaving } from "../sound/playlists.js";
import * as player from "../sound/player.js";
import { isOfFilter, showFilterComplaint } from "./filters.js";
import { recall } from "./judge.js";
import { asked, isAsked, keyOf } from "./question.js";
import { row } from "./row.js";

const TYPING_MS = 180;
const SLOW_MS = 250;
const STEP = 20;
const MOST = 100;
const KEPT = 30;
const answered = new Map();
const names = new Map();
let running = null;
let shown = null;
let many = STEP;
let waiting = 0;

/** Listen to the box. */
export function initSearch() {
  const box = $("words");
  box.addEventListener("input", () => {
    $("clear").hidden = box.value === "";
    stopWaiting();
    waiting = setTimeout(() => {
      waiting = 0;
      go({ view: "search", words: box.value }, { typing: true });
    }, TYPING_MS);
  });
  $("search").addEventListener("submit", (event) => {
    event.preventDefault();
    stopWaiting();
    go({ view: "search", words: box.value });
    document.querySelector("#hits .hit-play")?.focus();
  });
  $("clear").append(icon("close"));
  $("clear").addEventListener("click", () => {
    stopWaiting();
    box.value = "";
    go({ view: "search", words: "" });
    box.focus();
  });
  document.querySelector(".glass").append(icon("search"));
  $("more-button").addEventListener("click", () => more());
}

function stopWaiting() {
  clearTimeout(waiting);
  waiting = 0;
}

/** Show the words of a state in the box; what is being typed there, and is no state yet, stays. */
export function showQuestion(state) {
  const box = $("words");
  if (!waiting && (document.activeElement !== box || box.value.trim() !== state.words.trim())) box.value = state.words;
  $("clear").hidden = box.value === "";
}

/** Show a state: its words in the box, and their answers. */
export async function showSearch(state) {
  showQuestion(state);
  showSeeds(state);
  if (!isAsked(state)) {
    running?.abort();
    shown = null;
    $("answers").hidden = true;
    highlight([]);
    return;
  }
  if (shown === keyOf(state)) return;
  many = STEP;
  await answer(state);
}

/** Ask again, such as when the library has changed. */
export function askAgain() {
  answered.clear();
  shown = null;
  showSearch(current());
}

async function more() {
  many = Math.min(many + STEP, MOST);
  const next = $("hits").children.length;
  await answer(current());
  $("hits").children[next]?.querySelector(".hit-play").focus();
}

async function answer(state) {
  running?.abort();
  const own = (running = new AbortController());
  const key = `${keyOf(state)}${many}`;
  const slow = setTimeout(showSearching, SLOW_MS);
  try {
    const got = answered.get(key) ?? (await ask(["v1", "search"], { body: { ...asked(state), k: many }, signal: own.signal }));
    if (own.signal.aborted) return;
    keep(key, got);
    shown = keyOf(state);
    draw(got, state);
  } catch (error) {
    if (error.name !== "AbortError" && !own.signal.aborted) refuse(error, state);
  } finally {
    clearTimeout(slow);
    if (running === own) $("answers").removeAttribute("aria-busy");
  }
}

/** The first answer after a start may take seconds, and those before it do not belong to this question. */
function showSearching() {
  $("answers").hidden = current().view !== "search";
  $("answers").setAttribute("aria-busy", "true");
  $("answers-title").textContent = "Searching …";
  $("answers-tools").replaceChildren();
  say("Searching.");
}

function keep(key, got) {
  answered.delete(key);
  answered.set(key, got);
  if (answered.size > KEPT) answered.delete(answered.keys().next().value);
}

function draw({ hits, remarks = [] }, state) {
  $("answers").hidden = current().view !== "search";
  const doubted = remarks.some((remark) => remark.startsWith("Nothing here"));
  const list = { tracks: hits, question: state, doubted };
  hits.forEach((hit) => names.set(hit.track_id, hit));
  const held = document.activeElement.closest("#hits .hit")?.dataset.id;
  $("hits").replaceChildren(...hits.map((hit) => row(hit, list)));
  if (held) [...$("hits").children].find((one) => one.dataset.id === held)?.querySelector(".hit-play").focus({ preventScroll: true });
  $("answers-title").textContent = hits.length ? counted(hits.length, "answer") : "No answers";
  $("answers-tools").replaceChildren(...(hits.length ? tools(hits, state) : []));
  $("remarks").replaceChildren(...notes(hits, remarks, state));
  $("more").hidden = hits.length < many || many >= MOST;
  highlight(hits);
  if (hits.length && state.words.trim() && isOwner()) recall(state.words, $("hits"));
  const doubt = doubted ? " Nothing here may fit." : "";
  say(hits.length ? `${counted(hits.length, "answer")}. First: ${shortened(titleOf(hits[0]), 60)}.${doubt}` : "No answers.");
}

function tools(hits, state) {
  const name = state.words || "More like this";
  return [
    h("button.pill", { type: "button", onclick: () => player.replace(hits) }, icon("play"), "Play all"),
    h("button.pill", { type: "button", onclick: () => openSaving(hits, name) }, icon("save"), "Save as playlist"),
  ];
}

function notes(hits, told, state) {
  // How well the best one fits stands beside it.
  const remarks = ownRemarks(told).filter((remark) => hits[0]?.better_than == null || !remark.startsWith("The best answer scores"));
  const made = remarks.map((remark) => words(remark, remark.startsWith("Nothing here") ? "p.remark.doubt" : "p.remark"));
  if (!hits.length && !remarks.length) made.push(h("p.remark", {}, state.where ? "No track passes the filter." : "Nothing was found."));
  if (!hits.length && state.where) made.push(h("p", {}, h("button.pill", { type: "button", onclick: () => go({ where: "" }) }, "Remove the filter")));
  return made;
}

function refuse(error, state) {
  if (isOfFilter(error, state.where)) {
    showFilterComplaint(error, state.where);
    return;
  }
  if (error.status === 0 || error.status === 401) return; // said by the page itself
  $("answers").hidden = current().view !== "search";
  $("answers-title").textContent = "No answer";
  $("answers-tools").replaceChildren();
  $("hits").replaceChildren();
  $("more").hidden = true;
  const told = [h("p.remark.doubt", {}, error.message.split("\n")[0]), error.fix ? h("p.remark", {}, error.fix) : null];
  $("remarks").replaceChildren(...told.filter(Boolean));
  say(`No answer. ${error.message}`);
}

/** The tracks that a question is about, in front of its words. */
function showSeeds(state) {
  const drop = (id) => go({ like: state.like.filter((other) => other !== id) });
  const seeds = state.like.map((id) => {
    const made = h("span.seed", {}, "like ", words(shortened(titleOf(names.get(id) ?? { track_id: id }), 40)), iconButton(icon("close"), "Remove this track from the question", () => drop(id)));
    if (!names.has(id)) learn(id, made.querySelector("bdi"));
    return made;
  });
  $("seeds").replaceChildren(...seeds);
  $("words").placeholder = seeds.length ? "but slower, with strings …" : "calm piano for a rainy evening";
}

async function learn(id, place) {
  try {
    const card = await ask(["v1", "tracks", id]);
    names.set(id, card);
    place.textContent = shortened(titleOf(card), 40);
  } catch (error) {
    notify(error.message);
  }
}

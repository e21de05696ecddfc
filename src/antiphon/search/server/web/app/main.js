/** The page: what stands where, and what happens when its address changes. */

import { showFilters } from "../answers/filters.js";
import { askAgain, initSearch, showQuestion, showSearch } from "../answers/search.js";
import { isAsked } from "../answers/question.js";
import { showStart } from "../answers/start.js";
import { drawJobs, initJobs } from "../library/jobs.js";
import { isOwner, loadStatus } from "../library/status.js";
import { icon } from "../looks/icons.js";
import { forgetMap, showMap } from "../places/map.js";
import { showPath } from "../places/path.js";
import { initBar } from "../sound/bar.js";
import * as player from "../sound/player.js";
import { showPlaylists } from "../sound/playlists.js";
import { drawQueue, initQueue } from "../sound/queue.js";
import { initAccess } from "./access.js";
import { current, onChange } from "./address.js";
import { ask, server } from "./api.js";
import { $, h } from "./element.js";
import { initKeyboard } from "./keyboard.js";
import { shortened, titleOf } from "./wording.js";

const RETRY_MS = 3000;
let watched = false;
let retry = 0;

/** What can be shown before the server has said anything. */
function arrange(state) {
  document.body.dataset.view = state.view;
  document.body.classList.toggle("asked", isAsked(state) || state.view !== "search");
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function show(state) {
  arrange(state);
  for (const id of ["path", "map", "playlists", "start"]) $(id).hidden = true;
  showFilters(state);
  showSearch(state);
  if (state.view !== "search") $("answers").hidden = true;
  if (state.view === "path") showPath(state);
  if (state.view === "map") showMap(state);
  if (state.view === "playlists") showPlaylists();
  if (state.view === "search" && isAsked(state) && $("hits").children.length) $("answers").hidden = false;
  if (state.view === "search" && !isAsked(state)) showStart();
  retitle();
}

/** The tab says what is playing, else what is asked. */
function retitle() {
  const state = current();
  const asked = state.words || (state.like.length ? "More like this" : "");
  const name = player.isPlaying() ? titleOf(player.current()) : asked;
  document.title = name ? `${shortened(name, 60)} · Antiphon` : "Antiphon";
}

/** Everything that depends on who asks and what the library has. */
async function begin() {
  try {
    await loadStatus();
    $("unlock").hidden = isOwner();
    document.body.classList.toggle("guest", !isOwner());
    drawQueue();
    if (watched) drawJobs();
    else initJobs(grown);
    watched = true;
  } catch {
    // Trouble is told by the server's events, and begins anew with them.
  }
  show(current());
}

function grown() {
  forgetMap();
  askAgain();
  show(current());
}

function showTrouble() {
  const place = $("trouble");
  place.hidden = false;
  place.replaceChildren(h("span", {}, "The server does not answer. This page tries again by itself."), h("button.pill", { type: "button", onclick: () => knock() }, "Try now"));
  retry = setInterval(knock, RETRY_MS);
}

const knock = () => ask(["health"]).catch(() => {});

function troubleIsOver() {
  clearInterval(retry);
  $("trouble").hidden = true;
  askAgain();
  begin();
}

$("theme").append(icon("moon"));
$("help").append(icon("help"));
server.addEventListener("lost", showTrouble);
server.addEventListener("found", troubleIsOver);
player.initPlayer();
player.events.addEventListener("state", retitle);
initBar();
initQueue();
initSearch();
initKeyboard();
initAccess(begin);
onChange(show);
arrange(current());
showQuestion(current());
begin();

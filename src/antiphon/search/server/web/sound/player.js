/**
 * One audio element and a queue. Everything that plays goes through here.
 *
 * Playing an answer queues the answers after it, as long as nobody has built the queue by hand; then it comes next.
 */

import { notify, say } from "../app/announce.js";
import { address } from "../app/api.js";
import { counted, nameOf, plain, shortened, titleOf } from "../app/wording.js";

const RESTART_SECONDS = 4;
const KEY = "antiphon.queue";
const KEPT = 300;
const TRIES = 3;

/** "queue": it has changed, or another track is at play; "state": playing, pausing, loading; "time". */
export const events = new EventTarget();
const audio = new Audio();
audio.preload = "auto";
let queue = [];
let at = -1;
let byHand = false;
let startAt = 0;
let failures = 0;

const tell = (name) => events.dispatchEvent(new Event(name));

export const tracks = () => queue;
export const position = () => at;
export const current = () => queue[at] ?? null;
export const isPlaying = () => !audio.paused && !audio.ended;
export const time = () => audio.currentTime || 0;
export const volume = () => (audio.muted ? 0 : audio.volume);

/** Its length; what the library says until the browser knows. */
export const length = () => (Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : (current()?.seconds ?? 0));

/** Play a track of a list, and what follows it there. */
export function playFrom(list, track) {
  if (current()?.track_id === track.track_id) return toggle();
  if (byHand) return playNow(track);
  queue = [...list];
  return goTo(list.indexOf(track));
}

/** Play one track now; the queue goes on behind it. */
export function playNow(track) {
  queue.splice(at + 1, 0, track);
  goTo(at + 1);
}

/** Play one track from a moment on. */
export function playAt(track, seconds) {
  startAt = seconds;
  if (current()?.track_id === track.track_id && audio.readyState) {
    seek(seconds);
    audio.play().catch(() => {});
    return;
  }
  playNow(track);
}

/** Play a list from its beginning in place of the queue. */
export function replace(list) {
  const old = { queue, at, byHand };
  queue = [...list];
  byHand = false;
  goTo(0);
  if (old.byHand) notify("The queue was replaced.", { label: "Undo", act: () => restore(old) });
}

function restore(old) {
  ({ queue, at, byHand } = old);
  changed();
}

/** Add to the end; no track follows itself, such as the one that plays where a queue begins with it. */
export function add(more) {
  if (!byHand) queue = queue.slice(0, at + 1);
  byHand = true;
  const before = queue.length;
  for (const track of more) if (queue.at(-1)?.track_id !== track.track_id) queue.push(track);
  const added = queue.slice(before);
  if (!added.length) notify(`In the queue already: ${nameOf(more[0])}`);
  else notify(added.length === 1 ? `Added: ${nameOf(added[0])}` : `Added ${counted(added.length, "track")}.`);
  if (at < 0) at = 0;
  changed();
}

/** Take one out. */
export function remove(place) {
  byHand = true;
  const plays = place === at;
  queue.splice(place, 1);
  if (place < at || at >= queue.length) at -= 1;
  if (plays) load(isPlaying());
  changed();
}

/** Move one to another place; false where there is none. */
export function move(from, to) {
  if (to < 0 || to >= queue.length || to === from) return false;
  byHand = true;
  queue.splice(to, 0, ...queue.splice(from, 1));
  if (at === from) at = to;
  else if (from < at && to >= at) at -= 1;
  else if (from > at && to <= at) at += 1;
  changed();
  return true;
}

/** Empty it; what plays goes on. */
export function clear() {
  const old = { queue, at, byHand };
  queue = current() ? [current()] : [];
  at = queue.length - 1;
  byHand = false;
  changed();
  notify("The queue is empty.", { label: "Undo", act: () => restore(old) });
}

/** Play what stands at a place of the queue. */
export function goTo(place) {
  if (place < 0 || place >= queue.length) return;
  at = place;
  load(true);
  changed();
}

export const next = () => (at + 1 < queue.length ? goTo(at + 1) : false);
export const hasNext = () => at + 1 < queue.length;

/** The track before, or this one from its start. */
export function previous() {
  if (time() > RESTART_SECONDS || at <= 0) return seek(0);
  return goTo(at - 1);
}

export function toggle() {
  if (!current()) return false;
  if (!audio.getAttribute("src")) load(true);
  else if (audio.paused) audio.play().catch(() => {});
  else audio.pause();
  return true;
}

export function seek(seconds) {
  if (!current()) return false;
  audio.currentTime = Math.max(0, Math.min(seconds, length() || seconds));
  tell("time");
  return true;
}

export const seekBy = (seconds) => seek(time() + seconds);

export function setVolume(value) {
  audio.muted = value === 0;
  if (value) audio.volume = value;
  tell("state");
}

/** Close what is open around the player; told to whoever shows it. */
export function closePanel() {
  tell("close");
  return false;
}

/** Mark a row of a list as what is at play, or not. */
export function mark(row) {
  const now = row.dataset.id === current()?.track_id;
  row.classList.toggle("now", now);
  row.classList.toggle("playing", now && isPlaying());
  const button = row.querySelector(".hit-play");
  const name = row.getAttribute("aria-label");
  button.setAttribute("aria-label", `${now && isPlaying() ? "Pause" : "Play"} ${name}`);
  if (now) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}

function load(plays) {
  const track = current();
  if (!track) {
    audio.removeAttribute("src");
    audio.load();
    return;
  }
  audio.src = address(["v1", "tracks", track.track_id, "audio"]);
  if (plays) audio.play().catch(() => {}); // why it cannot is told by the event "error"
  describe(track);
}

function changed() {
  tell("queue");
  tell("state");
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ queue: queue.slice(0, KEPT), at, byHand }));
  } catch {
    // It is only kept for a reload.
  }
}

/** What the machine's own keys and lock screen show. */
function describe(track) {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({ title: shortened(titleOf(track)), artist: shortened(track.artist), album: shortened(track.album) });
}

/** Why a sound did not come, in words. */
async function reason(track) {
  const url = address(["v1", "tracks", track.track_id, "audio"]);
  try {
    const got = await fetch(url, { headers: { Range: "bytes=0-0" }, credentials: "same-origin" });
    if (!got.ok) return (await got.json().catch(() => null))?.error?.message ?? `the server answered ${got.status}`;
    const kind = got.headers.get("content-type") ?? "this kind of file";
    return `this browser cannot play ${plain(kind.split(";")[0])}`;
  } catch {
    return "the server does not answer";
  }
}

async function failed() {
  const track = current();
  if (!track || !audio.getAttribute("src")) return;
  failures += 1;
  const why = await reason(track);
  notify(`${nameOf(track)}: ${why.replace(/\.$/, "")}.`);
  if (track !== current()) return;
  if (failures < TRIES) next();
  else failures = 0; // a list without sound is not told track by track
}

/** Listen to the audio element; what was queued before a reload is there again, and waits. */
export function initPlayer() {
  for (const name of ["play", "pause", "ended", "waiting", "playing", "durationchange"]) audio.addEventListener(name, () => tell("state"));
  audio.addEventListener("timeupdate", () => tell("time"));
  audio.addEventListener("error", failed);
  audio.addEventListener("ended", () => next() === false && say("The queue has ended."));
  audio.addEventListener("playing", () => (failures = 0));
  audio.addEventListener("loadedmetadata", () => {
    if (startAt) audio.currentTime = startAt;
    startAt = 0;
  });
  events.addEventListener("state", () => document.querySelectorAll(".hit").forEach(mark));
  if ("mediaSession" in navigator) {
    const handlers = { play: toggle, pause: toggle, nexttrack: next, previoustrack: previous, seekto: (told) => seek(told.seekTime) };
    for (const [name, act] of Object.entries(handlers)) navigator.mediaSession.setActionHandler(name, act);
  }
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    if (kept) restore(kept);
  } catch {
    // Nothing was kept, or nothing that can be read.
  }
}

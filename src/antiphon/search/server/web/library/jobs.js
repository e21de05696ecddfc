/**
 * The first visit, and every time there is something to wait for: what is being done, how long it takes, what can be
 * asked already, and what comes next.
 */

import { notify, say } from "../app/announce.js";
import { ask } from "../app/api.js";
import { $, h, words } from "../app/element.js";
import { count, counted, plain, roughly } from "../app/wording.js";
import { icon } from "../looks/icons.js";
import { isOwner, library, loadStatus } from "./status.js";

const WORKING = { prepare: "Reading files and their tags", embed: "Listening to the music", train: "Learning how words and music belong together", index: "Taking in what was heard" };
const STEPS = {
  ingest: WORKING.prepare, watch: "Looking for what is new", embed: WORKING.embed, read: "Reading captions", caption: "Putting into words what was heard",
  train: WORKING.train, index: "Making what was learned ready for questions",
};
const BUSY_MS = 2000;
const IDLE_MS = 20_000;
const FAST_MS = 10_000;
/** What a job made is opened beside what answers, and counts some seconds after the job's end. */
const OPENING_MS = 30_000;
let timer = 0;
let ended = -OPENING_MS;
let changed = () => {};
let before = "";
let detailed = false;
const dismissed = new Set();

/** Watch the library; `onChange` is called when more of it can be asked. */
export function initJobs(onChange) {
  changed = onChange;
  document.addEventListener("visibilitychange", () => !document.hidden && look());
  drawJobs();
  plan();
}

const learnedBy = ({ jobs }) => jobs.findLast((job) => job.kind === "train" && job.state === "done")?.id;

const active = () => library().jobs.filter((job) => job.state === "running" || job.state === "waiting");

function plan() {
  clearTimeout(timer);
  const unheard = library().heard < library().tracks;
  const soon = active().length || performance.now() - ended < OPENING_MS;
  timer = setTimeout(look, soon ? BUSY_MS : unheard || !library().tracks ? FAST_MS : IDLE_MS);
}

async function look() {
  if (!document.hidden) {
    try {
      const [old, worked] = [library(), active().length > 0];
      const now = await loadStatus();
      if (worked && !active().length) ended = performance.now();
      drawJobs();
      if (now.trained && !old.trained && old.tracks) notify("It has learned: answers come from how the music sounds now.");
      else if (old.tracks && learnedBy(now) !== learnedBy(old)) notify("It has learned what was new. In a moment answers come from it, or from another training that is better.");
      if (old.tracks !== now.tracks || old.trained !== now.trained || old.answers_by !== now.answers_by || (old.heard !== now.heard && now.heard === now.tracks)) changed();
    } catch {
      // Said by the page itself; the next look is planned all the same.
    }
  }
  plan();
}

/** Show what the server last said; whoever asks may be another one since. */
export function drawJobs() {
  const place = $("library");
  const shown = content();
  place.hidden = shown.length === 0;
  const busy = place.contains(document.activeElement) && document.activeElement.id;
  place.replaceChildren(...shown);
  if (busy) $(busy)?.focus();
  const headline = place.querySelector("h2")?.textContent ?? "";
  if (headline !== before && headline) say(headline);
  before = headline;
}

function content() {
  const { tracks, heard, trained } = library();
  const running = active();
  const failed = library().jobs.findLast((job) => job.state === "failed");
  if (running.length) return working(running[0]);
  if (!tracks) return card("empty", "There is no music here yet", [start("Read the folder", "prepare")], emptyWords());
  if (failed && !dismissed.has(`failed ${failed.id}`)) return broken(failed);
  if (!heard) return card("unheard", `${counted(tracks, "track")}, not listened to yet`, [start("Listen now", "embed")], [askable(), "Once they have been listened to, answers come from how the music sounds."]);
  if (heard < tracks) return card("part", `${count(heard)} of ${counted(tracks, "track")} have been listened to`, [start("Listen to the rest", "embed")], [askable()]);
  if (!trained && library().jobs.some((job) => job.kind === "train" && job.state === "done")) return learned();
  if (trained && library().unlearned) return card("unlearned", "There is something new to learn from", [start("Learn again", "train")], [plain(library().unlearned), trainsAgain(), "It takes minutes; until then answers come from what was learned before. That one training is kept afterwards, in place of any older one, should you want to go back."]);
  if (!trained) return card("untrained", "Everything has been listened to", [start("Train", "train")], [askable(), "A training learns from this library's own captions and tags, and finds more."]);
  return [];
}

function trainsAgain() {
  const name = plain(library().training);
  return name ? `What answers now is trained again, with its own encoders and settings: ${name}.` : "";
}

function learned() {
  return [h("div.state", {}, h("span.pulse", { "aria-hidden": "true" }), h("div", {}, h("h2", {}, "It has learned"), h("p", {}, "What it learned is being opened; answers come from it in a moment.")))];
}

function emptyWords() {
  return isOwner()
    ? ["Nothing is ever written to your music: a library is a folder beside it. Names and tags are read first, which takes seconds; then every track is listened to, and meanwhile the page answers from what it knows."]
    : ["Its owner has added none, or it is being read just now. Come back a little later."];
}

/** What could be done next; it keeps out of the way of answers (styles/frame.css), but for an empty library. */
function card(kind, title, actions, told) {
  if (dismissed.has(kind)) return [];
  const next = isOwner() && kind !== "unlearned" && library().next ? h("p.quiet", {}, "In a shell: ", words(plain(library().next).replace(/^Next: /, ""), "code")) : null;
  const close = kind === "empty" ? null : h("button.link", { type: "button", id: "job-close", onclick: () => (dismissed.add(kind), drawJobs()) }, "Not now");
  return [
    h(kind === "empty" ? "div.state" : "div.state.idle", {}, icon("like"), h("div", {}, h("h2", {}, title), told.filter(Boolean).map((line) => h("p", {}, line)), next)),
    h("div.buttons", {}, close, isOwner() ? actions : null),
  ];
}

/** What answers today; a training's name says how it was made, which is for the details. */
function askable() {
  const by = library().trained ? "what was learned from this library before" : plain(library().answers_by);
  return by ? `You can ask already; answers come from ${by}.` : "You can ask already.";
}

function working(job) {
  const { done, total, eta_seconds: left } = job;
  const known = total > 0;
  const title = STEPS[job.step] ?? WORKING[job.kind] ?? plain(job.kind);
  const bar = h("progress", { "aria-label": title, max: known ? total : null, value: known ? done : null });
  const eta = left == null || done >= total ? "" : `${roughly(left)} left`;
  const told = [figures(job), eta].filter(Boolean).join(" · ");
  const cancel = h("button.pill", { type: "button", id: "job-cancel", onclick: () => stop(job) }, "Stop");
  return [
    h("div.state.work", {}, h("span.pulse", { "aria-hidden": "true" }), h("div", {}, h("h2", {}, title), bar, words(told, "p.quiet"), library().tracks ? h("p", {}, askable()) : null, stages(job.kind), known ? details(job) : null)),
    h("div.buttons", {}, isOwner() ? cancel : null),
  ];
}

/** How far a job is. What a training counts are steps, of which only the share says anything. */
function figures({ step, state, done, total, message }) {
  if (total > 0) return step === "train" ? `${Math.floor((100 * done) / total)} %` : `${count(done)} of ${count(total)}`;
  return plain(message) || (state === "waiting" ? "It begins in a moment" : "This part says nothing of how far it is; it takes seconds to minutes.");
}

/** What the command says of itself, such as which encoder listens. */
function details({ step, message }) {
  if (!plain(message)) return null;
  const opened = h("details", { open: detailed }, h("summary", { id: "job-details" }, "Details"), words(`${[step, plain(message)].filter(Boolean).join(": ")}`, "p.quiet"));
  opened.addEventListener("toggle", () => (detailed = opened.open));
  return opened;
}

/** Where in the whole way this is. */
function stages(kind) {
  const names = [["prepare", "Read"], ["embed", "Listen"], ["train", "Learn"]];
  const at = kind === "index" ? names.length : names.findIndex(([name]) => name === kind);
  return h("ol.stages", { "aria-label": "Steps" }, names.map(([, name], n) => h(n < at ? "li.done" : n === at ? "li.at" : "li", { "aria-current": n === at ? "step" : false }, name)));
}

function broken(job) {
  const close = h("button.pill", { type: "button", id: "job-close", onclick: () => (dismissed.add(`failed ${job.id}`), drawJobs()) }, "Close");
  return [
    h("div.state", {}, h("div", {}, h("h2", {}, `${WORKING[job.kind] ?? job.kind}: it stopped`), words([job.message, job.fix].map(plain).filter(Boolean).join(" ") || "No reason was given.", "p.wrong"))),
    h("div.buttons", {}, close, isOwner() ? start("Try again", job.kind) : null),
  ];
}

function start(label, kind) {
  return h("button.pill.strong", { type: "button", id: "job-start", onclick: () => act(() => ask(["v1", "jobs"], { body: { kind } })) }, label);
}

const stop = (job) => act(() => ask(["v1", "jobs", String(job.id)], { method: "DELETE" })).then(() => say("Stopping. What is done is kept."));

async function act(request) {
  try {
    await request();
  } catch (error) {
    notify([error.message, error.fix].filter(Boolean).join(" "));
  }
  await look();
}

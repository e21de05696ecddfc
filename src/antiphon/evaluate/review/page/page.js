"use strict";
const VERDICTS = [
  { key: "s", verdict: "same", says: "Same: they fit" },
  { key: "d", verdict: "different", says: "Different: they don’t" },
  { key: "u", verdict: "unsure", says: "Unsure" },
];
const TONES = ["different", "unsure", "same", "same"];
const $ = (id) => document.getElementById(id);
let pairs = [];
let answers = VERDICTS;
let place = 0;
let sending = false;

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function fillList(list, texts) {
  list.replaceChildren(...texts.map((text) => element("li", text, { dir: "auto" })));
  list.hidden = texts.length === 0;
}

function player(track, what) {
  if (!track.sound) {
    return element("p", track.path ? `Its sound is not on this machine: ${track.path}` : "The library knows no sound of it.", { class: "silent" });
  }
  const audio = element("audio", "", { controls: "", preload: "metadata", src: track.sound, "aria-label": `${what}: ${track.name}` });
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
  });
  audio.addEventListener("error", () => audio.replaceWith(element("p", `This browser cannot play ${track.path}`, { class: "silent" })));
  return audio;
}

function showTrack(side, track, what, captions) {
  $(`${side}-name`).textContent = track.name;
  $(`${side}-player`).replaceChildren(player(track, what));
  fillList($(`${side}-captions`), captions.slice(0, 4));
}

function judged() {
  return pairs.filter((pair) => pair.verdict).length;
}

function showProgress() {
  const counts = {};
  for (const pair of pairs) if (pair.verdict) counts[pair.verdict] = (counts[pair.verdict] || 0) + 1;
  const kinds = Object.entries(counts).map(([verdict, number]) => `${number} ${verdict}`).join(", ");
  const at = `${Math.min(place + 1, pairs.length)} of ${pairs.length}`;
  $("progress").textContent = kinds ? `${at} · ${kinds}` : at;
  $("bar").max = Math.max(pairs.length, 1);
  $("bar").value = judged();
}

function showVerdicts(pair) {
  for (const button of $("verdicts").children) {
    const own = answers[Number(button.dataset.answer)];
    const chosen = own.grade === undefined ? pair && pair.verdict === own.verdict && pair.grade == null : pair && pair.grade === own.grade;
    button.setAttribute("aria-pressed", String(Boolean(chosen)));
    button.disabled = !pair;
  }
  $("verdicts").hidden = !pair;
  $("back").disabled = place === 0;
  $("skip").disabled = !pair;
}

function showDone() {
  $("done-title").textContent = pairs.length ? "That was the last pair." : "Nothing to judge.";
  $("done-text").textContent = pairs.length
    ? `${judged()} of ${pairs.length} pairs are judged and stored in judgements.jsonl.`
    : "No wrong answer of this split is left that nobody has judged.";
}

function show(focus = true) {
  const pair = pairs[place];
  $("pair").hidden = !pair;
  $("done").hidden = Boolean(pair);
  showProgress();
  showVerdicts(pair);
  if (pair) {
    $("query").textContent = pair.query;
    $("query").className = pair.query.length > 140 ? "long" : "";
    showTrack("found", pair.found, "What the search found", pair.found.captions);
    showTrack("meant", pair.meant, "The track the words were written for", pair.meant.captions.filter((text) => text !== pair.query));
    fillList($("why"), pair.why);
  } else {
    for (const audio of document.querySelectorAll("audio")) audio.pause();
    showDone();
  }
  if (focus) {
    (pair ? $("question") : $("done-title")).focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

async function judge(answer) {
  const pair = pairs[place];
  if (!pair || sending) return;
  sending = true;
  const { verdict, grade } = answer;
  try {
    const body = JSON.stringify(grade === undefined ? { place, verdict } : { place, grade });
    const sent = await fetch("verdict", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (!sent.ok) throw new Error(await sent.text());
    pair.verdict = (await sent.json()).stored;
    pair.grade = grade === undefined ? null : grade;
    trouble("");
    place += 1;
    show();
  } catch (error) {
    trouble(error instanceof TypeError ? "Not stored: antiphon review no longer runs. Start it again; what was judged before is kept." : `Not stored: ${error.message}`);
  } finally {
    sending = false;
  }
}

function move(step) {
  place = Math.min(Math.max(place + step, 0), pairs.length);
  show();
}

function toggle(side) {
  const audio = $(`${side}-player`).querySelector("audio");
  if (audio) audio.paused ? audio.play().catch(() => {}) : audio.pause();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const answer = answers.find((each) => each.key === key);
  const within = event.target instanceof Element ? event.target.closest("button, audio, a") : null;
  if (answer) judge(answer);
  else if (key === " " && !within) toggle("found");
  else if (key === "o") toggle("meant");
  else if (key === "b" || (key === "arrowleft" && !within)) move(-1);
  else if ((key === "n" || (key === "arrowright" && !within)) && pairs[place]) move(1);
  else return;
  event.preventDefault();
}

function makeVerdicts() {
  $("verdicts").replaceChildren(
    ...answers.map((answer, number) => {
      const button = element("button", "", { type: "button", class: answer.tone || answer.verdict, "aria-keyshortcuts": answer.key.toUpperCase(), "data-answer": number });
      button.append(element("kbd", answer.key.toUpperCase(), { "aria-hidden": "true" }), element("span", answer.says));
      button.addEventListener("click", () => judge(answer));
      return button;
    }),
  );
}

async function start() {
  document.addEventListener("keydown", onKey);
  $("back").addEventListener("click", () => move(-1));
  $("skip").addEventListener("click", () => move(1));
  try {
    const got = await fetch("pairs");
    if (!got.ok) throw new Error(await got.text());
    const data = await got.json();
    pairs = data.pairs;
    if (data.grades) {
      answers = data.grades.map(({ grade, says }) => ({ key: String(grade + 1), grade, says: says[0].toUpperCase() + says.slice(1), tone: TONES[grade] }));
    }
    makeVerdicts();
    const first = pairs.findIndex((pair) => !pair.verdict);
    place = first < 0 ? pairs.length : first;
    show(false);
  } catch (error) {
    trouble(`The pairs could not be loaded: ${error.message}`);
  }
}

start();

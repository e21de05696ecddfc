/** Thumbs: judgements of the library's owner. What a training makes of one is said where it is given. */

import { notify, say } from "../app/announce.js";
import { ask } from "../app/api.js";
import { iconButton } from "../app/element.js";
import { nameOf, plain } from "../app/wording.js";
import { icon } from "../looks/icons.js";

const given = new Map();
const recalled = new Set();
/** What was said of these words already: the same of each thumb would be in the way. */
const told = new Set();
const VERDICTS = { u: "same", d: "different" };
const key = (words, id) => `${words.trim()}\u0000${id}`;

/** Two buttons for an answer to words. */
export function thumbs(hit, words) {
  const up = iconButton(icon("thumbUp"), "Fits", () => judge(hit, words, "same", [up, down]), { "data-key": "u" });
  const down = iconButton(icon("thumbDown"), "Does not fit", () => judge(hit, words, "different", [up, down]), { "data-key": "d" });
  show([up, down], words, hit.track_id);
  return [up, down];
}

/** Learn what was said of answers to these words before, and show it on those in a list. */
export async function recall(words, list) {
  if (recalled.has(words)) return;
  try {
    const { judgements } = await ask(["v1", "judgements"], { parameters: { query: words.trim() } });
    recalled.add(words);
    // What was pressed meanwhile is newer.
    for (const one of judgements) if (!given.has(key(words, one.track_id))) given.set(key(words, one.track_id), one.verdict);
    for (const row of list.children) show(row.querySelectorAll("[data-key=u], [data-key=d]"), words, row.dataset.id);
  } catch {
    // Thumbs can be pressed all the same; what is wrong with the file is said then.
  }
}

function show(buttons, words, id) {
  const verdict = given.get(key(words, id));
  for (const button of buttons) button.setAttribute("aria-pressed", String(verdict === VERDICTS[button.dataset.key]));
}

async function judge(hit, words, verdict, buttons) {
  const place = key(words, hit.track_id);
  const before = given.get(place);
  const now = before === verdict ? "unsure" : verdict;
  given.set(place, now);
  show(buttons, words, hit.track_id);
  try {
    const { remarks = [] } = await ask(["v1", "judgements"], { body: { query: words, track_id: hit.track_id, verdict: now } });
    const noted = now === "unsure" ? `Taken back: ${nameOf(hit)}.` : `Kept for these words: ${nameOf(hit)} ${now === "same" ? "fits" : "does not fit"}.`;
    const line = [noted, ...remarks.map(plain)].join(" ");
    if (remarks.every((remark) => told.has(key(words, remark)))) say(line);
    else notify(line);
    remarks.forEach((remark) => told.add(key(words, remark)));
  } catch (error) {
    given.set(place, before);
    show(buttons, words, hit.track_id);
    notify(`Not stored: ${error.message}`);
  }
}

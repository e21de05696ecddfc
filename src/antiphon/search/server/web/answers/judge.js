/** Thumbs: judgements of the library's owner, which figures count by and the next training learns from. */

import { notify, say } from "../app/announce.js";
import { ask } from "../app/api.js";
import { iconButton } from "../app/element.js";
import { nameOf } from "../app/wording.js";
import { icon } from "../looks/icons.js";

const given = new Map();
const key = (words, id) => `${words}\u0000${id}`;

/** Two buttons for an answer to words. */
export function thumbs(hit, words) {
  const up = iconButton(icon("thumbUp"), "Fits", () => judge("same"), { "data-key": "u" });
  const down = iconButton(icon("thumbDown"), "Does not fit", () => judge("different"), { "data-key": "d" });
  const show = () => {
    const verdict = given.get(key(words, hit.track_id));
    up.setAttribute("aria-pressed", String(verdict === "same"));
    down.setAttribute("aria-pressed", String(verdict === "different"));
  };

  async function judge(verdict) {
    const before = given.get(key(words, hit.track_id));
    const now = before === verdict ? "unsure" : verdict;
    given.set(key(words, hit.track_id), now);
    show();
    try {
      await ask(["v1", "judgements"], { body: { query: words, track_id: hit.track_id, verdict: now } });
      say(now === "unsure" ? `Taken back: ${nameOf(hit)}` : `Noted: ${nameOf(hit)} ${now === "same" ? "fits" : "does not fit"}`);
    } catch (error) {
      given.set(key(words, hit.track_id), before);
      show();
      notify(`Not stored: ${error.message}`);
    }
  }

  show();
  return [up, down];
}

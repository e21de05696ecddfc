/**
 * How well an answer fits, in words. A score means little by itself; `better_than` says how many tracks that queries
 * did not mean score less, and only that is put into words. Where it is not known nothing is claimed.
 */

import { h } from "../app/element.js";

const WORDS = [
  [99.5, "stands out", 5],
  [98, "fits very well", 4],
  [93, "fits well", 3],
  [80, "fits in part", 2],
  [-Infinity, "hardly fits", 1],
];

/** Words and marks, 1 … 5, for a percent. */
function inWords(betterThan) {
  const [, words, marks] = WORDS.find(([least]) => betterThan >= least);
  return { words, marks };
}

/** What stands beside an answer; null where nothing is known of how well it fits. */
export function fit(hit) {
  if (hit.better_than == null) return null;
  const { words, marks } = inWords(hit.better_than);
  const above = hit.better_than >= 100 ? "all" : `${Math.floor(hit.better_than * 10) / 10} % of`;
  const meaning = `Scores above ${above} the tracks that test questions did not mean`;
  const meter = h("span.meter", { "aria-hidden": "true" }, Array.from({ length: 5 }, (_, n) => h(n < marks ? "i.on" : "i")));
  return h("div.fit", { title: meaning }, meter, h("span", {}, words), h("span.unseen", {}, `. ${meaning}.`));
}

/** Why an answer is one, as far as that can be checked: asked for when somebody wants to know. */

import { ask } from "../app/api.js";
import { h, words } from "../app/element.js";
import { isOfMusic, plain, shortened } from "../app/wording.js";
import { both, quoted } from "./filter_text.js";
import { asked } from "./question.js";

const VALUES_SHOWN = 12;

/** The reasons of one answer, filled as they come. */
export function whyPanel(hit, question) {
  const panel = h("div.why", { "aria-busy": "true" }, h("p.quiet", {}, "Looking at its captions …"));
  fill(panel, hit, question);
  return panel;
}

async function fill(panel, hit, question) {
  // The same question to this track alone is answered at once, however long the list is.
  const only = { where: both(question.where, `track_id = ${quoted(hit.track_id)}`), versions: true, explain: true, k: 1 };
  const [answer, card] = await Promise.allSettled([
    ask(["v1", "search"], { body: { ...asked(question), ...only } }),
    ask(["v1", "tracks", hit.track_id]),
  ]);
  const why = answer.value?.hits?.find((each) => each.track_id === hit.track_id)?.why;
  const shown = [...(why ? reasons(why, hit) : []), ...known(card.value?.metadata ?? {})];
  if (!shown.length) shown.push(h("p.quiet", {}, answer.reason ? `No reasons: ${answer.reason.message}` : "Nothing can be shown: it was found by its sound alone."));
  panel.replaceChildren(...shown, fitting(hit));
  panel.removeAttribute("aria-busy");
}

function reasons(why, hit) {
  const made = [];
  if (why.parts.length) made.push(part("Your words, one by one", h("ul.parts", {}, why.parts.map(wordPart))));
  const fields = Object.entries(why.fields);
  if (fields.length) made.push(part("Words that stand in its data", list(fields)));
  if (why.captions.length) made.push(part("Captions most like your words", h("ul.captions", {}, why.captions.map((one) => caption(one, hit)))));
  return made;
}

function wordPart({ text, score, share }) {
  const unwanted = share == null;
  const width = Math.max(2, Math.min(100, unwanted ? 100 * score : share));
  const bar = h("span.bar", { "aria-hidden": "true" }, h(unwanted ? "i.away" : "i"));
  bar.firstChild.style.inlineSize = `${width}%`;
  return h("li", {}, words(text, "span"), bar, h("span.figure", {}, unwanted ? (score < 0.1 ? "kept away" : "some of it") : `${Math.round(share)} %`));
}

const MADE_OF = { tags: " made of its tags", machine: " made of its sound" };

function caption({ text, track_id: owner, cosine, kind }, hit) {
  const whose = (owner === hit.track_id ? "" : " of a track that sounds like it") + (MADE_OF[kind] ?? "");
  return h("li", {}, words(`“${plain(text)}”`, "q"), h("span.quiet", {}, ` ${[whose.trim(), cosine == null ? "" : `likeness ${cosine.toFixed(2)}`].filter(Boolean).join(", ")}`));
}

function known(metadata) {
  const fields = Object.entries(metadata).filter(([name, value]) => isOfMusic(name) && value != null && String(value) !== "");
  if (!fields.length) return [];
  return [part("What is known of it", list(fields.slice(0, VALUES_SHOWN)))];
}

const list = (fields) => h("dl", {}, fields.flatMap(([name, value]) => [h("dt", {}, plain(name)), words(shortened(Array.isArray(value) ? value.join(", ") : value, 300), "dd")]));
const part = (title, body) => h("section", {}, h("h3", {}, title), body);

/** Words that fit the track: the other way around, and dearer, so only on a press. */
function fitting(hit) {
  const place = h("div.fitting");
  const button = h("button.link", { type: "button" }, "Which words fit it?");
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const got = await ask(["v1", "tracks", hit.track_id, "words"]);
      const found = (got.words ?? got.captions ?? got).map((one) => h("li", {}, words(plain(one.text ?? one), "q")));
      place.replaceChildren(part("Words that fit it best", h("ul.captions", {}, found)));
    } catch (error) {
      button.disabled = false;
      place.append(h("p.quiet", {}, error.message));
    }
  });
  place.append(button);
  return place;
}

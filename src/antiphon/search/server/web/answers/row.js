/** One track in a list: what it is, how well it fits, and what can be done with it. */

import { go } from "../app/address.js";
import { h, iconButton, words } from "../app/element.js";
import { clock, counted, nameOf, plain, titleOf } from "../app/wording.js";
import { isOwner } from "../library/status.js";
import { cover } from "../looks/covers.js";
import { icon } from "../looks/icons.js";
import { pick } from "../places/picked.js";
import * as player from "../sound/player.js";
import { fit } from "./fit.js";
import { thumbs } from "./judge.js";
import { whyPanel } from "./why.js";

/**
 * A track as an element of a list.
 *
 * @param {Object} hit
 * @param {{tracks: Object[], question?: Object, doubted?: boolean}} list what it stands in; with a question it can say
 *   why it matched; where the whole answer is doubted, no single track is said to fit.
 */
export function row(hit, list) {
  const name = nameOf(hit);
  const item = h("li.hit", { "data-id": hit.track_id, "aria-label": name });
  const more = h("div.hit-more", { hidden: true });
  item.append(
    playButton(hit, list, name),
    text(hit, more),
    (list.doubted ? null : fit(hit)) ?? h("div.fit"),
    h("span.length", {}, clock(hit.seconds)),
    h("div.actions", { role: "group", "aria-label": `More for ${name}` }, actions(hit, list, more)),
    more,
  );
  player.mark(item);
  return item;
}

function playButton(hit, list, name) {
  return h(
    "button.hit-play",
    { type: "button", "aria-label": `Play ${name}`, onclick: () => player.playFrom(list.tracks, hit) },
    cover(hit),
    h("span.over", {}, icon("play")),
    h("span.bars", { "aria-hidden": "true" }, h("i"), h("i"), h("i")),
  );
}

function text(hit, more) {
  const artist = plain(hit.artist);
  const album = plain(hit.album);
  const by = h("p.by");
  if (artist) by.append(h("button.link", { type: "button", title: `Search for ${artist.slice(0, 80)}`, onclick: () => go({ view: "search", words: artist.slice(0, 200), like: [] }) }, words(artist)));
  if (album) by.append(artist ? " · " : "", words(album));
  const extra = h("p.extra");
  if (hit.by === "name") extra.append(h("span.tag", {}, "found by its name"));
  if (hit.best_at != null) extra.append(moment(hit));
  if (hit.versions?.length) extra.append(versions(hit, more));
  return h("div.text", {}, words(titleOf(hit), "p.title"), by, extra.childNodes.length ? extra : null);
}

function moment(hit) {
  const at = clock(hit.best_at);
  return h("button.tag", { type: "button", onclick: () => player.playAt(hit, hit.best_at) }, `fits best at ${at}`);
}

function versions(hit, more) {
  const button = h("button.tag", { type: "button", "aria-expanded": "false" }, counted(hit.versions.length, "other version"));
  button.addEventListener("click", () =>
    toggle(button, more, "versions", () =>
      h("ul.versions", { "aria-label": "Other versions" }, hit.versions.map((version) => versionRow({ ...version, artist: version.artist ?? hit.artist, album: version.album ?? "" }))),
    ),
  );
  return button;
}

function versionRow(version) {
  const play = iconButton(icon("play"), `Play ${nameOf(version)}`, () => player.playNow(version));
  const add = iconButton(icon("add"), `Add ${nameOf(version)} to the queue`, () => player.add([version]));
  return h("li", {}, play, words(titleOf(version), "span"), add);
}

function actions(hit, list, more) {
  const made = [];
  if (list.question) {
    const why = iconButton(icon("why"), "Why did it match?", () => toggle(why, more, "why", () => whyPanel(hit, list.question)), { "aria-expanded": "false", "data-key": "w" });
    made.push(why);
  }
  made.push(
    iconButton(icon("like"), "More like this", () => go({ view: "search", words: "", like: [hit.track_id] }), { "data-key": "m" }),
    iconButton(icon("path"), "A path from or to here", () => pick(hit), { "data-key": "p" }),
    iconButton(icon("add"), "Add to the queue", () => player.add([hit]), { "data-key": "a" }),
  );
  if (list.question?.words && isOwner()) made.push(...thumbs(hit, list.question.words));
  return made;
}

/** Open what stands below a row, or close it; one thing at a time. */
function toggle(button, more, name, fill) {
  const opens = more.hidden || more.dataset.shows !== name;
  for (const other of more.parentElement.querySelectorAll("[aria-expanded]")) other.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-expanded", String(opens));
  more.hidden = !opens;
  if (!opens) return;
  more.dataset.shows = name;
  more.replaceChildren(fill());
}

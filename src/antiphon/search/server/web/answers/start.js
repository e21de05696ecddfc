/** What stands there before anything is asked: ideas, and a look at the library. */

import { linkTo, current, go } from "../app/address.js";
import { ask } from "../app/api.js";
import { $, h } from "../app/element.js";
import { nameOf, plain } from "../app/wording.js";
import { about } from "../library/about.js";
import { fields, library } from "../library/status.js";
import { cover } from "../looks/covers.js";
import * as player from "../sound/player.js";

const IDEAS = [
  "calm piano for a rainy evening",
  "fast drums, no vocals",
  "slow and sad, warm strings",
  "something to dance to at two in the morning",
  "quiet guitar by an open window",
  "bright brass, full of hope",
];
const COVERS = 14;
let wall = null;

/** Draw it; covers are asked for once. */
export async function showStart() {
  const place = $("start");
  place.hidden = !library().tracks;
  if (place.hidden) return;
  const ideas = [...IDEAS.slice(0, 5), ...ofLibrary()];
  place.replaceChildren(
    h("ul.ideas", { "aria-label": "Try one of these" }, ideas.map((idea) => h("li", {}, ideaLink(idea)))),
    h("div.wall", { role: "group", "aria-label": "From your library" }),
    ...about(),
  );
  wall ??= await sample();
  place.querySelector(".wall").replaceChildren(...wall.map(tile));
}

function ideaLink(words) {
  const follow = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ view: "search", words });
  };
  return h("a", { href: linkTo({ ...current(), view: "search", words }), onclick: follow }, words);
}

/** Two of its own genres, where it has some. */
function ofLibrary() {
  const genres = fields().find((field) => ["genre", "genres"].includes(field.name.toLowerCase()))?.examples ?? [];
  return genres.slice(0, 2).map((value) => `late-night ${plain(value).toLowerCase()}`.slice(0, 40));
}

/** Tracks from all over the library, the same until the page is loaded anew. */
async function sample() {
  const most = Math.max(0, library().tracks - COVERS);
  try {
    const got = await ask(["v1", "tracks"], { parameters: { find: "", start: Math.floor(most * Math.random()), count: COVERS } });
    return got.tracks ?? got;
  } catch {
    return []; // a wall without pictures is still a door
  }
}

function tile(track) {
  return h("button.tile", { type: "button", "aria-label": `Play ${nameOf(track)}`, title: nameOf(track), onclick: () => player.playFrom(wall, track) }, cover(track));
}

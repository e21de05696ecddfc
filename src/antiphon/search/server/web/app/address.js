/** What the page shows is in its address: it can be kept, sent, and gone back to. */

const VIEWS = ["search", "path", "map", "playlists"];
const PAUSE_MS = 1500;
const listeners = [];
let typedAt = 0;

/**
 * What the address says.
 *
 * `words` and `where` are texts, `like` ids of tracks, `versions` and `vary` switches, `from` and `to` a path's ends.
 */
export function current() {
  const given = new URLSearchParams(location.search);
  const view = given.get("view");
  return {
    view: VIEWS.includes(view) ? view : "search",
    words: given.get("q") ?? "",
    where: given.get("where") ?? "",
    like: given.getAll("like"),
    versions: given.has("versions"),
    vary: given.has("vary"),
    from: given.get("from") ?? "",
    to: given.get("to") ?? "",
    length: Number(given.get("length")) || 15,
  };
}

/** The address of a state, relative to the page. */
export function linkTo(state) {
  const given = new URLSearchParams();
  if (state.view !== "search") given.set("view", state.view);
  if (state.words) given.set("q", state.words);
  if (state.where) given.set("where", state.where);
  for (const id of state.like) given.append("like", id);
  if (state.versions) given.set("versions", "");
  if (state.vary) given.set("vary", "");
  if (state.view === "path") {
    if (state.from) given.set("from", state.from);
    if (state.to) given.set("to", state.to);
    if (state.length !== 15) given.set("length", state.length);
  }
  const text = given.toString().replaceAll("versions=", "versions").replaceAll("vary=", "vary");
  return text ? `?${text}` : "./";
}

/**
 * Go to another state: what is not named stays.
 *
 * While somebody types, the steps of one thought are one entry of the history.
 */
export function go(changes, { typing = false } = {}) {
  const link = linkTo({ ...current(), ...changes });
  const now = Date.now();
  const continues = typing && now - typedAt < PAUSE_MS;
  typedAt = typing ? now : 0;
  if (link !== (location.search || "./")) history[continues ? "replaceState" : "pushState"](null, "", link);
  if (!typing) scrollTo({ top: 0 });
  tell();
}

/** Be told of every new state, also of those that the back button brings. */
export function onChange(listener) {
  listeners.push(listener);
}

const tell = () => listeners.forEach((listener) => listener(current()));
addEventListener("popstate", tell);

/** Links inside the page change its state and load nothing. */
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-view]") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const view = link.dataset.view;
  go(view === "search" && current().view === "search" ? { words: "", like: [], where: "", view } : { view });
});

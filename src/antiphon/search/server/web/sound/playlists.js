/** Playlists: saved in the library, downloaded as m3u8, listed, renamed and deleted. */

import { show } from "../app/access.js";
import { notify } from "../app/announce.js";
import { address, ask, askFile } from "../app/api.js";
import { row } from "../answers/row.js";
import { $, h, iconButton, words } from "../app/element.js";
import { counted, nameable, plain, shortened, titleOf } from "../app/wording.js";
import { isOwner } from "../library/status.js";
import { icon } from "../looks/icons.js";
import { openDeleting, openRenaming } from "./changing.js";
import * as player from "./player.js";

/** Ask what a list of tracks is to be called, and where it goes. */
export function openSaving(tracks, suggestion) {
  const box = h("input", { type: "text", maxlength: "100", required: true, value: nameable(suggestion), "aria-label": "Name of the playlist" });
  const told = h("p.wrong", { role: "alert" });
  const older = h("p.quiet", { role: "status" });
  const name = () => plain(box.value) || "playlist";
  const save = h("button.pill.strong", { type: "submit" }, icon("save"), "Save in the library");
  const download = h("button.pill", { type: "button", onclick: () => hand(m3u8(tracks), name()) }, icon("download"), "Download .m3u8");
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", {}, "Save as playlist"),
    h("p.quiet", {}, counted(tracks.length, "track")),
    box,
    older,
    told,
    h("div.buttons", {}, h("button.pill", { type: "button", onclick: () => dialog.close() }, "Cancel"), download, isOwner() ? save : null),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isOwner()) return;
    try {
      const { remarks } = await ask(["v1", "playlists"], { body: { name: name(), track_ids: tracks.map((track) => track.track_id) } });
      dialog.close();
      notify([`Saved: ${name()}`, ...remarks].join(". "));
    } catch (error) {
      told.textContent = [error.message, error.fix].filter(Boolean).join(" ");
    }
  });
  const dialog = show(form);
  box.select();
  if (isOwner()) sayWhatIsReplaced(box, name, older);
}

/** Under the name of a playlist that is there already, that saving puts this one in its place. */
async function sayWhatIsReplaced(box, name, place) {
  try {
    const { playlists } = await ask(["v1", "playlists"]);
    const known = new Map(playlists.map((each) => [plain(each.name), each]));
    const look = () => (place.textContent = replaced(known.get(name())));
    box.addEventListener("input", look);
    look();
  } catch {
    // It can be saved all the same; what is wrong is said then.
  }
}

function replaced(older) {
  if (!older) return "";
  const there = `There is a playlist of this name, of ${counted(older.tracks, "track")}`;
  return older.is_kept_question ? `${there}, which answers a question that is kept: take another name.` : `${there}: saving puts this one in its place.`;
}

/** An extended M3U: files where the page knows them, else addresses of this server. */
function m3u8(tracks) {
  const lines = tracks.flatMap((track) => {
    const name = [plain(track.artist), titleOf(track)].filter(Boolean).join(" - ");
    const sound = track.path && !/[\r\n]/.test(track.path) ? track.path : address(["v1", "tracks", track.track_id, "audio"]);
    return [`#EXTINF:${Math.round(track.seconds ?? -1)},${name}`, sound];
  });
  return new Blob([["#EXTM3U", ...lines, ""].join("\n")], { type: "audio/x-mpegurl" });
}

/** Give a file to the browser's downloads. */
function hand(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: `${nameable(name, 200)}.m3u8` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The playlists that the library has; the focus goes to the one of this name, else to the title, where one is given. */
export async function showPlaylists(focused) {
  const place = $("playlists");
  place.hidden = false;
  const title = h("h1", { id: "playlists-title", tabindex: "-1" }, "Playlists");
  if (!isOwner()) {
    place.replaceChildren(title, forGuests());
    return;
  }
  if (focused === undefined) place.replaceChildren(title, h("p.quiet", {}, "Looking …"));
  try {
    const got = await ask(["v1", "playlists"]);
    const all = got.playlists;
    place.replaceChildren(title, all.length ? h("ul.saved", {}, all.map((each) => saved(each, got.player))) : none());
    if (focused === undefined) return;
    const target = [...place.querySelectorAll(".saved-name")].find((each) => each.dataset.name === focused);
    (target ?? title).focus();
  } catch (error) {
    place.replaceChildren(title, h("p.remark.doubt", {}, error.message));
  }
}

const none = () =>
  h(
    "div.nothing",
    {},
    h("p.title", {}, "None yet"),
    h("p.quiet", {}, "Save answers, a path or the queue with ", icon("save"), ", and they stand here, and as files in every player that reads m3u8."),
    h("p", {}, h("a.pill", { href: "./", "data-view": "search" }, icon("search"), "Ask for something")),
  );

const forGuests = () =>
  h(
    "div.nothing",
    {},
    h("p.title", {}, "These are the owner's"),
    h("p.quiet", {}, "The owner of this library sees its playlists here after signing in. You can make one of your own: “Save as playlist” beside answers, a path or the queue downloads it."),
    h("p", {}, h("button.pill", { type: "button", onclick: () => $("unlock").click() }, "Sign in")),
  );

function saved(playlist, elsewhere) {
  const { name, tracks: many } = playlist;
  const shown = shortened(name);
  const list = h("ol.hits", { hidden: true });
  const open = h("button.saved-name", { type: "button", "data-name": name, "aria-expanded": "false", onclick: () => unfold(name, open, list) }, words(plain(name), "span.title"), h("span.by", {}, [counted(many, "track"), playlist.is_kept_question ? "answers a question that is kept" : ""].filter(Boolean).join(" · ")));
  const play = iconButton(icon("play"), `Play ${shown}`, () => got(name, ({ tracks, remarks }) => (tracks.length ? player.replace(tracks) : notify(remarks[0] ?? `There is nothing to play in ${shown}.`))));
  const download = iconButton(icon("download"), `Download ${shown} as m3u8`, () => got(name, (file) => hand(file, name), () => askFile(["v1", "playlists", `${name}.m3u8`])));
  const rename = iconButton(icon("rename"), `Rename ${shown}`, () => openRenaming(playlist, elsewhere, showPlaylists));
  const remove = iconButton(icon("remove"), `Delete ${shown}`, () => openDeleting(playlist, elsewhere, () => showPlaylists(following(item))));
  play.classList.add("saved-play");
  const item = h("li", {}, h("div.saved-line", {}, play, open, h("div.saved-tools", { role: "group", "aria-label": `More for ${shown}` }, download, rename, remove)), list);
  return item;
}

/** The name of the playlist that stands where this one stood once it is gone; "" for none. */
const following = (item) => (item.nextElementSibling ?? item.previousElementSibling)?.querySelector(".saved-name").dataset.name ?? "";

/** Show a playlist's tracks below its name, or put them away. */
function unfold(name, button, list) {
  const opens = list.hidden;
  button.setAttribute("aria-expanded", String(opens));
  list.hidden = !opens;
  if (opens) got(name, ({ tracks, remarks }) => list.replaceChildren(...remarks.map((remark) => h("li.remark", {}, remark)), ...tracks.map((track) => row(track, { tracks }))));
}

/** Do something with what the server gives for a playlist; say what is wrong. */
async function got(name, act, request = () => ask(["v1", "playlists", name])) {
  try {
    act(await request());
  } catch (error) {
    notify(error.message);
  }
}

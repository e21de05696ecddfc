/** What an owner changes of a playlist that is saved: its name, and whether it is there. */

import { show } from "../app/access.js";
import { notify } from "../app/announce.js";
import { ask } from "../app/api.js";
import { h } from "../app/element.js";
import { counted, plain, shortened } from "../app/wording.js";

/**
 * Ask for another name.
 *
 * @param {Object} playlist
 * @param {string|null} player the server on which playlists are made, too.
 * @param {function(string)} done called with the new name.
 */
export function openRenaming({ name, is_kept_question: kept }, player, done) {
  const told = kept ? "It answers a question that is kept, and is written anew under this name: it keeps it." : there(player, "It is renamed on {}, too.");
  const box = kept ? null : h("input", { type: "text", maxlength: "100", required: true, value: plain(name), "aria-label": "New name of the playlist" });
  openForm("Rename playlist", [h("p.quiet", {}, told || `Now: ${shortened(name)}`), box], kept ? null : "Rename", async () => {
    const renamed = plain(box.value);
    const { remarks } = await ask(["v1", "playlists", name], { method: "PATCH", body: { name: renamed } });
    notify([`Renamed: ${shortened(renamed)}`, ...remarks].join(". "));
    done(renamed);
  });
  box?.select();
}

/** Ask whether a playlist is to be deleted, and say what goes with it. `done` is called when it is. */
export function openDeleting({ name, tracks, is_kept_question: kept }, player, done) {
  const told = [
    `“${shortened(name)}”, ${counted(tracks, "track")}. The music stays; the list cannot be brought back.`,
    kept ? "It answers a question that is kept, and that is forgotten with it." : "",
    there(player, "Its copy on {} is deleted, too."),
  ];
  openForm("Delete playlist?", told.filter(Boolean).map((line) => h("p", {}, line)), "Delete", async () => {
    const { remarks } = await ask(["v1", "playlists", name], { method: "DELETE" });
    notify([`Deleted: ${shortened(name)}`, ...remarks].join(". "));
    done();
  });
}

const there = (player, text) => (player ? text.replace("{}", player.replace(/^https?:\/\//, "")) : "");

/** A question that stays open, and says why, where the server refuses. Without a label for doing it, it only tells. */
function openForm(title, content, label, act) {
  const wrong = h("p.wrong", { role: "alert" });
  const close = h("button.pill", { type: "button", onclick: () => dialog.close() }, label ? "Cancel" : "Close");
  const go = label ? h("button.pill.strong", { type: "submit" }, label) : null;
  const form = h("form", { method: "dialog" }, h("h2", {}, title), content, wrong, h("div.buttons", {}, close, go));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!go || go.disabled) return;
    go.disabled = true;
    try {
      await act();
      dialog.close();
    } catch (error) {
      wrong.textContent = [error.message, error.fix].filter(Boolean).join(" ");
    }
    go.disabled = false;
  });
  const dialog = show(form, { "aria-label": title });
  if (!label) close.focus();
}

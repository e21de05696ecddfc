/**
 * Signing in. A token is typed once and sent once; from then on the browser holds a cookie that no script can read, and
 * that its audio element sends, too.
 */

import { notify } from "./announce.js";
import { ask, server } from "./api.js";
import { $, h } from "./element.js";

let dialog = null;

/** Offer a way in where the server wants one; `again` is called once it is open. */
export function initAccess(again) {
  server.addEventListener("locked", (event) => openSignIn(event.detail.message, again));
  $("unlock").addEventListener("click", () => openSignIn("", again));
}

function openSignIn(told, again) {
  if (dialog?.open) return;
  const box = h("input", { type: "password", name: "token", autocomplete: "current-password", required: true, "aria-label": "Token" });
  const wrong = h("p.wrong", { role: "alert" }, told);
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", {}, "This library is locked"),
    h("p.quiet", {}, "Type the token that the server was started with. This browser remembers it for 30 days."),
    box,
    wrong,
    h("div.buttons", {}, h("button.pill", { type: "button", onclick: () => dialog.close() }, "Not now"), h("button.pill.strong", { type: "submit" }, "Sign in")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await ask(["session"], { body: { token: box.value.trim() } });
      dialog.close();
      notify("Signed in.");
      again();
    } catch (error) {
      wrong.textContent = error.message;
      box.select();
    }
  });
  dialog = show(form);
  box.focus();
}

/** A dialog that leaves the page when it closes. */
export function show(content, attributes = {}) {
  const made = h("dialog", attributes, content);
  made.addEventListener("close", () => made.remove());
  made.addEventListener("click", (event) => event.target === made && made.close());
  document.body.append(made);
  made.showModal();
  return made;
}

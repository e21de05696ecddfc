/** What happened, in words: spoken to screen readers, and where a person should see it, shown for a while. */

import { $, h } from "./element.js";

const SHOWN_MS = 6000;

/** Speak without showing. */
export function say(text) {
  const place = $("spoken");
  // The same words twice are spoken twice only if the region changes.
  place.textContent = place.textContent === text ? `${text}\u00a0` : text;
}

/** Take back what is offered, once it was taken another way. */
export const withdraw = () => document.querySelector(".toast.offer")?.remove();

/**
 * Show, and speak. A newer one takes the place of the last; one that offers something stays beside those that do not.
 *
 * @param {string} text
 * @param {{label: string, act: Function}} [action] a button, such as undo.
 */
export function notify(text, action) {
  const toast = h(action ? "div.toast.offer" : "div.toast", {}, h("span", {}, text));
  const close = () => toast.remove();
  if (action) {
    toast.append(h("button", { type: "button", onclick: () => (close(), action.act()) }, action.label));
  }
  const places = $("toasts");
  places.querySelector(action ? ".offer" : ".toast:not(.offer)")?.remove();
  places.append(toast);
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 1000) : close());
  setTimeout(leave, action ? SHOWN_MS * 1.5 : SHOWN_MS);
}

/** The player at the foot of the page. */

import { $, h, iconButton, words } from "../app/element.js";
import { clock, plain, titleOf } from "../app/wording.js";
import { cover } from "../looks/covers.js";
import { icon } from "../looks/icons.js";
import * as player from "./player.js";
import { togglePanel } from "./queue.js";

let parts = null;

/** Build it; it shows itself with the first track. */
export function initBar() {
  parts = build();
  $("player").append(parts.seek, parts.now, parts.controls, parts.side);
  player.events.addEventListener("queue", drawTrack);
  player.events.addEventListener("state", drawState);
  player.events.addEventListener("time", drawTime);
  drawTrack();
  drawState();
}

function build() {
  const bar = h("input", { type: "range", min: "0", max: "1000", value: "0", "aria-label": "Position in the track" });
  bar.addEventListener("input", () => player.seek((bar.value / 1000) * player.length()));
  const loud = h("input.volume", { type: "range", min: "0", max: "100", value: "100", "aria-label": "Volume" });
  loud.addEventListener("input", () => player.setVolume(loud.value / 100));
  const play = iconButton(icon("play"), "Play", player.toggle, { "aria-keyshortcuts": "Space" });
  play.classList.add("main-play");
  const previous = iconButton(icon("previous"), "Previous track", player.previous, { "aria-keyshortcuts": "p" });
  const next = iconButton(icon("next"), "Next track", player.next, { "aria-keyshortcuts": "n" });
  const [passed, whole] = [h("span.passed"), h("span.whole")];
  const mute = iconButton(icon("sound"), "Mute", () => player.setVolume(player.volume() ? 0 : 1));
  const queue = iconButton(icon("list"), "Queue", togglePanel, { "aria-expanded": "false", "aria-controls": "panel", id: "queue-button" });
  return {
    bar, loud, play, next, mute, passed, whole,
    seek: h("div.seek", {}, passed, bar, whole),
    now: h("div.now-track"),
    controls: h("div.controls", { role: "group", "aria-label": "Playing" }, previous, play, next),
    side: h("div.side", {}, h("span.loud", {}, mute, loud), queue),
  };
}

function drawTrack() {
  const track = player.current();
  $("player").hidden = !track;
  document.body.classList.toggle("has-player", Boolean(track));
  if (!track) return;
  parts.now.replaceChildren(cover(track), h("div.text", {}, words(titleOf(track), "p.title"), words(plain(track.artist), "p.by")));
  drawTime();
}

function drawState() {
  const plays = player.isPlaying();
  parts.play.replaceChildren(icon(plays ? "pause" : "play"));
  parts.play.setAttribute("aria-label", plays ? "Pause" : "Play");
  parts.play.title = plays ? "Pause" : "Play";
  parts.next.disabled = !player.hasNext();
  const loud = player.volume();
  parts.loud.value = Math.round(loud * 100);
  parts.loud.style.setProperty("--share", `${loud * 100}%`);
  parts.mute.replaceChildren(icon(loud ? "sound" : "silent"));
  parts.mute.setAttribute("aria-pressed", String(!loud));
  $("player").classList.toggle("playing", plays);
  drawTime();
}

function drawTime() {
  const [time, length] = [player.time(), player.length()];
  const share = length ? Math.min(1, time / length) : 0;
  if (!parts.bar.matches(":active")) parts.bar.value = Math.round(share * 1000);
  parts.bar.style.setProperty("--share", `${share * 100}%`);
  parts.bar.setAttribute("aria-valuetext", `${clock(time)} of ${clock(length) || "unknown"}`);
  parts.passed.textContent = clock(time);
  parts.whole.textContent = clock(length);
}

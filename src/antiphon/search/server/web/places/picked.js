/** The ends of a path, picked one after the other in any list. */

import { go } from "../app/address.js";
import { notify, withdraw } from "../app/announce.js";
import { nameOf } from "../app/wording.js";

/** Tracks by their ids, as far as a path has met them. */
export const known = new Map();
let pending = null;

/** Pick a track as one of a path's ends: first the start, then the end. */
export function pick(track) {
  known.set(track.track_id, track);
  if (pending && pending !== track.track_id) {
    const from = pending;
    pending = null;
    withdraw();
    go({ view: "path", from, to: track.track_id });
    return;
  }
  pending = track.track_id;
  notify(`A path starts at ${nameOf(track)}. Pick its end the same way, in any list.`, { label: "Choose by name", act: () => go({ view: "path", from: track.track_id, to: "" }) });
}

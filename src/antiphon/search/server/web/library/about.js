/** What the library is, at the foot of the start page: counts for everybody, and for its owner what else is to be said. */

import { h, words } from "../app/element.js";
import { counted, plain } from "../app/wording.js";
import { isOwner, library } from "./status.js";

/** A line, and for an owner what stands behind it. */
export function about() {
  const { tracks, heard, trained, version } = library();
  const state = heard < tracks ? null : trained ? "all heard and learned from" : "all heard";
  const line = [counted(tracks, "track"), state].filter(Boolean).join(", ");
  const told = h("p.about.quiet", {}, `${line} · Antiphon ${plain(version)}`);
  return isOwner() ? [told, more()] : [told];
}

function more() {
  const { answers_by: by, remarks, next } = library();
  const lines = [by ? `Answers come from: ${plain(by)}.` : "", ...remarks, plain(next)].filter(Boolean);
  const count = remarks.length ? ` (${counted(remarks.length, "remark")})` : "";
  return h("details.about", {}, h("summary", {}, `About this library${count}`), h("ul", {}, lines.map((line) => words(plain(line), "li"))));
}

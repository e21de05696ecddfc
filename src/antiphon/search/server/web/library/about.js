/** What the library is, at the foot of the start page: counts for everybody, and for its owner what else is to be said. */

import { h, words } from "../app/element.js";
import { count, counted, plain } from "../app/wording.js";
import { isOwner, library } from "./status.js";

/** A line, and for an owner what stands behind it. */
export function about() {
  const { tracks, heard, failed, trained, unlearned, version } = library();
  const which = failed ? `all but ${count(failed)}` : "all";
  const state = heard < tracks ? null : trained && !unlearned ? `${which} heard and learned from` : `${which} heard`;
  const line = [counted(tracks, "track"), state].filter(Boolean).join(", ");
  const told = h("p.about.quiet", {}, `${line} · Antiphon ${plain(version)}`);
  return isOwner() ? [told, more()] : [told];
}

function more() {
  const { answers_by: by, remarks, next } = library();
  // What was searched is what every answer says, and no remark.
  const others = remarks.filter((remark) => !remark.startsWith("Searched "));
  const lines = [by ? `Answers come from: ${plain(by)}.` : "", ...remarks, plain(next)].filter(Boolean);
  const many = others.length ? ` (${counted(others.length, "remark")})` : "";
  return h("details.about", {}, h("summary", {}, `About this library${many}`), h("ul", {}, lines.map((line) => words(plain(line), "li"))));
}

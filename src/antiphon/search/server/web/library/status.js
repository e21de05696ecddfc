/** What the server says of the library and of whoever asks; everybody reads it here. */

import { ask } from "../app/api.js";

const NOTHING = { version: "", tracks: 0, heard: 0, failed: 0, trained: false, answers_by: "", next: "", training: "", unlearned: "", remarks: [], jobs: [], role: "guest", fields: [] };
let known = NOTHING;

/** The last that was heard of it. */
export const library = () => known;
export const fields = () => known.fields;
/** Remarks that hold for this answer alone; what holds for all stands in the state of the library. */
export const ownRemarks = (remarks) => remarks.filter((remark) => remark !== known.next && !known.remarks.includes(remark));
export const isOwner = () => known.role === "owner";

/** Ask again. */
export async function loadStatus() {
  known = { ...NOTHING, ...(await ask(["v1", "status"])) };
  return known;
}

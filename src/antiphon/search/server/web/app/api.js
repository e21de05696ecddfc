/** The server, asked in JSON. Addresses are relative to where this file came from, so that any sub-path works. */

const ROOT = new URL(import.meta.url.replace(/static\/[^/]+\/app\/[^/]*$/, ""));

/** An answer that is none. `status` is 0 where the server did not answer at all. */
export class ApiError extends Error {
  constructor(status, message, fix = "", type = "") {
    super(message);
    Object.assign(this, { status, fix, type });
  }
}

/** What the page is told of: "lost" and "found" of the server, "locked" of a token that is wanted. */
export const server = new EventTarget();
let lost = false;

/** The address of something on the server; every part is one segment, whatever stands in it. */
export function address(parts, parameters = {}) {
  const found = new URL(parts.map(encodeURIComponent).join("/"), ROOT);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") found.searchParams.set(name, value);
  }
  return found.href;
}

/**
 * Ask, and get what JSON says.
 *
 * @param {string[]} parts of the path: ["v1", "tracks", id].
 * @param {Object} [options] `parameters`, `body` (an object: then it is a POST), `method`, `signal`.
 * @throws {ApiError}
 */
export async function ask(parts, options = {}) {
  const got = await send(parts, options);
  if (got.status === 204) return null;
  try {
    return await got.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(got.status, "The server answered something that is no JSON.", "Is another program on this address?");
  }
}

/** Ask for a file's bytes. */
export const askFile = async (parts) => (await send(parts, {})).blob();

async function send(parts, { parameters, body, method, signal }) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let got;
  try {
    got = await fetch(address(parts, parameters), {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (!lost) server.dispatchEvent(new Event("lost"));
    lost = true;
    throw new ApiError(0, "The server does not answer.", "Is antiphon serve still running?");
  }
  if (lost) server.dispatchEvent(new Event("found"));
  lost = false;
  if (got.ok) return got;
  throw await refused(got);
}

async function refused(got) {
  let told = {};
  try {
    const body = await got.json();
    told = typeof body.error === "object" ? body.error : { message: body.detail ?? body.error };
  } catch {
    // An error of something in between, such as a proxy.
  }
  const message = typeof told.message === "string" ? told.message : `The server answered ${got.status}.`;
  const error = new ApiError(got.status, message, told.fix ?? "", told.type ?? "");
  if (got.status === 401) server.dispatchEvent(new CustomEvent("locked", { detail: error }));
  return error;
}

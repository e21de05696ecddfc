/**
 * Filters as text (docs/guides/filters.md) and as conditions that a person adds and takes away.
 *
 * A filter is a chain of conditions joined by "and". What is written by hand stays as it was written: a chain with an
 * "or" outside of parentheses is one condition.
 */

const KEYWORDS = new Set(["and", "or", "not", "in", "contains", "is"]);
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N}_.:-]*$/u;
const PAIRS = { '"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»" };
const NAME = `("(?:[^"\\\\]|\\\\.)*"|[^\\s=<>!(),"]+)`;
const SIMPLE = new RegExp(`^${NAME}\\s*(=|>=|<=|contains)\\s*${NAME}$`, "u");
const AMONG = new RegExp(`^${NAME}\\s+in\\s+\\((.*)\\)$`, "u");

/** A name or value as it has to be written. */
export function quoted(text) {
  if (PLAIN.test(text) && !KEYWORDS.has(text.toLowerCase())) return text;
  return `"${text.replaceAll('"', '\\"')}"`;
}

const bare = (text) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('\\"', '"') : text);

/** Two filters that both have to hold. */
export const both = (first, second) => (first ? `(${first}) and ${second}` : second);

/** Conditions → the filter. */
export const joined = (conditions) => conditions.join(" and ");

/** The filter → its conditions; one where it cannot be taken apart. */
export function conditionsOf(where) {
  const found = [];
  let [start, depth, at] = [0, 0, 0];
  while (at < where.length) {
    const close = PAIRS[where[at]];
    if (close && where[at] !== "‘") {
      at = endOfQuote(where, at, close);
      continue;
    }
    depth += where[at] === "(" ? 1 : where[at] === ")" ? -1 : 0;
    const word = depth === 0 && /^\s(and|or)(?=[\s("])/i.exec(where.slice(at, at + 5));
    if (word && word[1].toLowerCase() === "or") return [where.trim()];
    if (word) {
      found.push(where.slice(start, at).trim());
      at += word[0].length;
      start = at;
      continue;
    }
    at += 1;
  }
  return [...found, where.slice(start).trim()].filter(Boolean);
}

function endOfQuote(text, start, close) {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === close) return at + 1;
  }
  return text.length;
}

/** A condition as {field, sign, values}; null where it is more than that. */
export function partsOf(condition) {
  const simple = SIMPLE.exec(condition);
  if (simple) return { field: bare(simple[1]), sign: simple[2], values: [bare(simple[3])] };
  const among = AMONG.exec(condition);
  const values = among && [...among[2].matchAll(/"((?:[^"\\]|\\.)*)"|([^\s,"]+)/gu)].map((value) => value[2] ?? value[1].replaceAll('\\"', '"'));
  return among ? { field: bare(among[1]), sign: "in", values } : null;
}

/** {field, sign, values} → a condition. */
export function conditionOf({ field, sign, values }) {
  if (sign === "in" && values.length > 1) return `${quoted(field)} in (${values.map(quoted).join(", ")})`;
  return `${quoted(field)} ${sign === "in" ? "=" : sign} ${quoted(values[0])}`;
}

/** How a condition is shown. */
export function shownAs(condition) {
  const parts = partsOf(condition);
  if (!parts) return condition;
  const says = { "=": ":", in: ":", ">=": " from", "<=": " to", contains: " has" };
  return `${parts.field}${says[parts.sign]} ${parts.values.join(", ")}`;
}

/**
 * Where in a filter a complaint points: [start, end], null where it points nowhere in it.
 *
 * The server's message has the expression, or a window of it, and marks below.
 */
export function placeOf(message, where) {
  const found = /\n {2}(.*)\n {2}( *)(\^+)/.exec(message);
  if (!found) return null;
  const base = where.replace(/\s/g, " ").indexOf(found[1]);
  return base < 0 ? null : [base + found[2].length, base + found[2].length + found[3].length];
}

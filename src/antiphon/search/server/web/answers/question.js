/** What is asked of the server for a state of the page. */

/** Only words and tracks make a question. */
export const isAsked = (state) => state.words.trim() !== "" || state.like.length > 0;

/** The body of a search, without how many. */
export function asked(state) {
  const body = { query: state.words.trim() };
  if (state.where) body.where = state.where;
  if (state.like.length) body.like = state.like;
  if (state.versions) body.versions = true;
  if (state.vary) body.per_artist = 2;
  return body;
}

/** What makes two states the same question. */
export const keyOf = (state) => JSON.stringify(asked(state));

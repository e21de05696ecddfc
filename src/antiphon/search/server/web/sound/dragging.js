/** A row of a list that is taken by its grip and put elsewhere, by mouse or finger. */

/**
 * Let a row be dragged among its siblings.
 *
 * @param {HTMLElement} row
 * @param {HTMLElement} grip what it is taken by.
 * @param {Function} onDrop gets by how many places it was moved, 0 where it was given up.
 */
export function draggable(row, grip, onDrop) {
  grip.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    follow(row, grip, onDrop);
  });
}

function follow(row, grip, onDrop) {
  const from = placeOf(row);
  let dropped = false;
  const ending = new AbortController();
  const { signal } = ending;
  row.classList.add("held");
  grip.addEventListener("pointermove", (event) => step(row, event.clientY), { signal });
  grip.addEventListener("pointerup", () => (dropped = true), { signal });
  grip.addEventListener("lostpointercapture", () => {
    ending.abort();
    row.classList.remove("held");
    onDrop(dropped ? placeOf(row) - from : 0);
  }, { signal });
}

/** The neighbours move, never the row: what leaves the page for a moment loses the pointer. */
function step(row, y) {
  const [before, after] = [row.previousElementSibling, row.nextElementSibling];
  if (before && y < middle(before)) row.after(before);
  else if (after && y > middle(after)) row.before(after);
  else return;
  row.scrollIntoView({ block: "nearest" });
}

const placeOf = (row) => [...row.parentElement.children].indexOf(row);

function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

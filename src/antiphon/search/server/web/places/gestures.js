/** Drag, wheel, pinch and click on a map. */

const MOST = 400;
const CLICK_PIXELS = 5;

/** Change the scale by a factor; what lies below a pixel stays there. */
export function zoomBy(drawing, factor, left = drawing.canvas.width / 2, top = drawing.canvas.height / 2) {
  const [x, y] = drawing.under(left, top);
  drawing.scale = Math.max(0.8, Math.min(MOST, drawing.scale * factor));
  const [after, below] = drawing.under(left, top);
  drawing.x += x - after;
  drawing.y += y - below;
  drawing.later();
}

/** Listen to a canvas; `tell` has onHover, onClick (pixels of the canvas) and onLeave. */
export function attachGestures(canvas, drawing, tell) {
  const fingers = new Map();
  let moved = 0;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * drawing.density, (event.clientY - box.top) * drawing.density];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event);
    const before = fingers.get(event.pointerId);
    if (!before) return tell.onHover(...now);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (fingers.size === 1) pan(drawing, before, now);
    else pinch(drawing, fingers, event.pointerId, now);
    fingers.set(event.pointerId, now);
    return undefined;
  });
  const up = (event) => {
    if (fingers.size === 1 && moved < CLICK_PIXELS * drawing.density && event.type === "pointerup") tell.onClick(...at(event));
    fingers.delete(event.pointerId);
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", tell.onLeave);
  canvas.addEventListener("wheel", (event) => (event.preventDefault(), zoomBy(drawing, Math.exp(-event.deltaY / 400), ...at(event))), { passive: false });
}

function pan(drawing, before, now) {
  drawing.x -= (now[0] - before[0]) / drawing.unit / drawing.stretch;
  drawing.y -= (now[1] - before[1]) / drawing.unit;
  drawing.later();
}

function pinch(drawing, fingers, id, now) {
  const other = [...fingers].find(([each]) => each !== id)[1];
  const before = fingers.get(id);
  const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
  zoomBy(drawing, apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
}

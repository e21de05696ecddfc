/** Points of a map: where they are, which is near, which lies in a direction. Linear, and quick at 100,000. */

import { hueAt } from "../looks/colours.js";

const HUES = 72;

/**
 * The points of a map, −1 … 1 on both axes.
 *
 * @param {{points: number[][], track_ids: string[]}} map as the server sends it.
 */
export class Points {
  constructor({ points, track_ids: ids }) {
    this.count = points.length;
    this.xs = Float32Array.from(points, (point) => point[0]);
    this.ys = Float32Array.from(points, (point) => point[1]);
    this.hues = new Uint8Array(this.count);
    for (let i = 0; i < this.count; i++) this.hues[i] = Math.floor((hueAt(this.xs[i], this.ys[i]) / 360) * HUES) % HUES;
    this.rowOf = new Map(ids.map((id, row) => [id, row]));
  }

  /** The row nearest to a place within reach, else −1; `stretch` is how much wider than high the map is drawn. */
  nearest(x, y, reach, stretch = 1) {
    let [best, found] = [reach * reach, -1];
    for (let i = 0; i < this.count; i++) {
      const [dx, dy] = [(this.xs[i] - x) * stretch, this.ys[i] - y];
      const far = dx * dx + dy * dy;
      if (far <= best) [best, found] = [far, i];
    }
    return found;
  }

  /** The next row from one in a direction: near, and not far aside; −1 where there is none. */
  towards(row, dx, dy) {
    let [best, found] = [Infinity, -1];
    for (let i = 0; i < this.count; i++) {
      if (i === row) continue;
      const [x, y] = [this.xs[i] - this.xs[row], this.ys[i] - this.ys[row]];
      const [along, aside] = [x * dx + y * dy, Math.abs(x * dy - y * dx)];
      const cost = along + 2 * aside;
      if (along > 0 && aside <= along && cost < best) [best, found] = [cost, i];
    }
    return found;
  }
}

/** The colours of a map's hues as bytes, for a light or a dark ground. */
export function coloursOfHues(dark) {
  const context = new OffscreenCanvas(HUES, 1).getContext("2d", { willReadFrequently: true });
  for (let n = 0; n < HUES; n++) {
    context.fillStyle = `oklch(${dark ? 74 : 56}% 0.13 ${(n / HUES) * 360})`;
    context.fillRect(n, 0, 1, 1);
  }
  return new Uint32Array(context.getImageData(0, 0, HUES, 1).data.buffer);
}

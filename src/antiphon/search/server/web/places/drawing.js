/** The picture of a map: all points in one pass over pixels, and what stands out drawn above them. */

import { coloursOfHues } from "./points.js";

const DISCS = 6000;
const LABELS = 36;
const SMALLEST = 13;
const LARGEST = 21;
const WIDEST = 1.6;

/**
 * Draws points under a view.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Points} points
 * @param {Function} title row → text.
 * @param {{x: number, y: number, name: string, tracks: number}[]} regions the most telling first.
 */
export class Drawing {
  constructor(canvas, points, title, regions) {
    Object.assign(this, { canvas, points, title, regions, scale: 1, x: 0, y: 0, hits: [], way: [], at: -1, playing: -1, pending: 0 });
    this.context = canvas.getContext("2d");
    this.restyle();
  }

  /** Take the colours of the page anew. */
  restyle() {
    // A canvas knows no variables: the style sheet hands their values over in these three properties.
    const style = getComputedStyle(this.canvas);
    this.serif = style.fontFamily;
    [this.ink, this.paper, this.quiet] = [style.color, style.backgroundColor, style.caretColor];
    this.colours = coloursOfHues(isLight(this.ink));
    this.names = [...this.colours].map((value) => `rgb(${value & 255} ${(value >> 8) & 255} ${(value >> 16) & 255})`);
  }

  /** The height that the points fill at scale 1, pixels: a high window is used, up to a bound. */
  get high() {
    return Math.min(this.canvas.height, this.canvas.width * WIDEST);
  }

  /** Half of the height that the points fill, pixels. */
  get unit() {
    return (this.high / 2) * 0.92 * this.scale;
  }

  /** How much wider than high the points are drawn: a wide window is used, too. */
  get stretch() {
    return Math.min(WIDEST, this.canvas.width / this.high);
  }

  /** Pixels of a point of the map. */
  place(px, py) {
    const by = this.unit;
    return [this.canvas.width / 2 + (px - this.x) * by * this.stretch, this.canvas.height / 2 + (py - this.y) * by];
  }

  /** The point of the map below a pixel. */
  under(left, top) {
    const by = this.unit;
    return [(left - this.canvas.width / 2) / by / this.stretch + this.x, (top - this.canvas.height / 2) / by + this.y];
  }

  /** Draw with the next frame, once, however often it is asked for. */
  later() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.now();
    });
  }

  now() {
    const { context, canvas, points } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (points.count <= DISCS) this.discs();
    else this.pixels();
    this.drawWay();
    this.drawHits();
    this.labels();
    for (const [row, radius] of [[this.playing, 9], [this.at, 7]]) if (row >= 0) this.ring(row, radius);
  }

  get density() {
    return this.canvas.width / (this.canvas.clientWidth || this.canvas.width);
  }

  /** The radius of a point: large where there are few, larger near by. */
  get radius() {
    return this.density * Math.max(1, Math.min(10, (1 + 100 / Math.sqrt(this.points.count + 60)) * Math.sqrt(this.scale)));
  }

  discs() {
    const { context, points, radius } = this;
    context.globalAlpha = this.hits.length || this.way.length ? 0.4 : 0.85;
    for (let row = 0; row < points.count; row++) {
      const [left, top] = this.place(points.xs[row], points.ys[row]);
      context.fillStyle = this.names[points.hues[row]];
      context.beginPath();
      context.arc(left, top, radius, 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  /** Squares written straight into the picture: 100,000 of them in a few milliseconds. */
  pixels() {
    const { canvas, points, context } = this;
    const [wide, high] = [canvas.width, canvas.height];
    const image = context.createImageData(wide, high);
    const pixels = new Uint32Array(image.data.buffer);
    const side = Math.max(1, Math.round(this.radius));
    const faded = this.hits.length || this.way.length ? 0x66000000 : 0xd0000000;
    const [by, across] = [this.unit, this.unit * this.stretch];
    const [left0, top0] = [wide / 2 - this.x * across, high / 2 - this.y * by];
    for (let row = 0; row < points.count; row++) {
      const left = Math.round(left0 + points.xs[row] * across);
      const top = Math.round(top0 + points.ys[row] * by);
      if (left < 0 || top < 0 || left + side > wide || top + side > high) continue;
      const colour = (this.colours[points.hues[row]] & 0xffffff) | faded;
      for (let y = top; y < top + side; y++) pixels.fill(colour, y * wide + left, y * wide + left + side);
    }
    context.putImageData(image, 0, 0);
  }

  drawWay() {
    if (this.way.length < 2) return;
    const { context, points } = this;
    context.strokeStyle = this.ink;
    context.lineWidth = 2 * this.density;
    context.lineJoin = "round";
    context.beginPath();
    for (const row of this.way) context.lineTo(...this.place(points.xs[row], points.ys[row]));
    context.stroke();
    this.way.forEach((row) => this.dot(row, 5));
  }

  /** The last first, so that the best answer lies above all others. */
  drawHits() {
    for (let n = this.hits.length - 1; n >= 0; n--) this.dot(this.hits[n], n === 0 ? 7.5 : 5);
  }

  dot(row, radius) {
    const { context, points } = this;
    const [left, top] = this.place(points.xs[row], points.ys[row]);
    context.beginPath();
    context.arc(left, top, radius * this.density, 0, 7);
    context.fillStyle = this.names[points.hues[row]];
    context.fill();
    context.lineWidth = 1.4 * this.density;
    context.strokeStyle = this.ink;
    context.stroke();
  }

  ring(row, radius) {
    const { context, points } = this;
    const [left, top] = this.place(points.xs[row], points.ys[row]);
    context.lineWidth = 2.5 * this.density;
    context.strokeStyle = this.ink;
    context.beginPath();
    context.arc(left, top, (radius + 3) * this.density, 0, 7);
    context.stroke();
  }

  /** Titles of the answers, names of regions and, near by, titles of what is in sight; none lies on another. */
  labels() {
    const taken = [];
    const special = [...new Set([this.at, this.playing, ...this.hits.slice(0, 12), ...this.way].filter((row) => row >= 0))];
    const near = special.length < LABELS ? this.inSight(LABELS) : [];
    this.context.textBaseline = "middle";
    this.titled();
    for (const row of special) this.label(row, taken, true);
    this.named(taken);
    this.titled();
    for (const row of near) this.label(row, taken, false);
  }

  titled() {
    this.context.font = `500 ${12 * this.density}px system-ui, sans-serif`;
  }

  /** Names of regions, in the middle of each; those of many tracks are larger. */
  named(taken) {
    const { context, density, points } = this;
    for (const { x, y, name, tracks } of this.regions) {
      const size = Math.min(LARGEST, SMALLEST + 30 * Math.sqrt(tracks / points.count / 4)) * density;
      context.font = `italic 500 ${size}px ${this.serif}`;
      const [left, top] = this.place(x, y);
      const wide = context.measureText(name).width;
      const start = Math.max(8 * density, Math.min(this.canvas.width - wide - 8 * density, left - wide / 2));
      if (Math.abs(start + wide / 2 - left) < wide) this.write(name, start, top, wide, size * 0.7, taken, this.ink);
    }
  }

  /** Rows in the window, if they are few enough to be named. */
  inSight(most) {
    const { points, canvas } = this;
    const found = [];
    for (let row = 0; row < points.count; row++) {
      const [left, top] = this.place(points.xs[row], points.ys[row]);
      if (left < 0 || top < 0 || left > canvas.width || top > canvas.height) continue;
      if (found.push(row) > most) return [];
    }
    return found;
  }

  label(row, taken, strong) {
    const { context, points, density } = this;
    const [left, top] = this.place(points.xs[row], points.ys[row]);
    const text = this.title(row);
    const wide = context.measureText(text).width;
    const start = left + 12 * density + wide > this.canvas.width ? left - 12 * density - wide : left + 12 * density;
    this.write(text, start, top, wide, 9 * density, taken, strong ? this.ink : this.quiet);
  }

  /** A text that lies on no other; half is half of its height. */
  write(text, start, top, wide, half, taken, colour) {
    const { context, density, canvas } = this;
    const box = [start, top - half, start + wide, top + half];
    if (box[2] < 0 || box[0] > canvas.width || box[3] < 0 || box[1] > canvas.height) return;
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
    taken.push(box);
    context.lineWidth = 4 * density;
    context.lineJoin = "round";
    context.strokeStyle = this.paper;
    context.strokeText(text, start, top);
    context.fillStyle = colour;
    context.fillText(text, start, top);
  }
}

/** Whether a colour is a light one: light words stand on a dark ground. */
function isLight(colour) {
  const parts = colour.match(/[\d.]+/g).map(Number);
  return parts.slice(0, 3).reduce((sum, part) => sum + part, 0) > 380;
}

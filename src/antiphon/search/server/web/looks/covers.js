/**
 * Covers for music that has none: drawn from the track itself, always the same.
 *
 * The colours say where it lies (looks/colours.js), the composition is its artist's, so that an artist has one style,
 * and the track moves its parts.
 */

import { svg } from "../app/element.js";
import { hash, palette } from "./colours.js";

const SIDE = 100;

/** A cover as a drawing of 100 × 100. */
export function cover(track) {
  const colours = palette(track);
  const series = hash(track.artist || track.track_id);
  const next = numbers(hash(`${track.track_id}`));
  const drawn = COMPOSITIONS[series % COMPOSITIONS.length](colours, next, series);
  const ground = svg("rect", { width: SIDE, height: SIDE, fill: series % 3 ? colours.ground : colours.deep });
  return svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "xMidYMid slice", class: "cover", "aria-hidden": "true", focusable: "false" }, ground, drawn);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

const disc = (cx, cy, r, fill, more = {}) => svg("circle", { cx, cy, r, fill, ...more });
const ring = (cx, cy, r, stroke, width) => svg("circle", { cx, cy, r, fill: "none", stroke, "stroke-width": width });

/** Two choirs: waves from both sides that meet. */
function choirs(colours, next) {
  const y = 30 + 40 * next();
  const reach = 3 + Math.floor(3 * next());
  const waves = (cx, stroke) => Array.from({ length: reach }, (_, n) => ring(cx, y, 14 + 12 * n, stroke, 4.5 - 0.5 * n));
  return [...waves(0, colours.light), ...waves(SIDE, colours.spark), disc(0, y, 7, colours.light), disc(SIDE, y, 7, colours.spark)];
}

/** A record, seen a little from the side. */
function record(colours, next) {
  const [x, y] = [34 + 32 * next(), 34 + 32 * next()];
  const grooves = Array.from({ length: 6 }, (_, n) => ring(x, y, 17 + 6.5 * n, n % 2 ? colours.mid : colours.deep, 2.2));
  return [disc(x, y, 58, colours.mid, { opacity: 0.35 }), ...grooves, disc(x, y, 12, colours.light), disc(x, y, 2.4, colours.deep)];
}

/** Hills of sound, one behind the other. */
function hills(colours, next) {
  const layers = [colours.light, colours.mid, colours.ground, colours.deep];
  const sun = disc(20 + 60 * next(), 22 + 14 * next(), 9 + 6 * next(), colours.spark);
  return [svg("rect", { width: SIDE, height: SIDE, fill: colours.mid, opacity: 0.5 }), sun, ...layers.map((fill, n) => {
    const [base, rise, phase] = [42 + 15 * n, 5 + 8 * next(), 6.28 * next()];
    const points = Array.from({ length: 21 }, (_, i) => `${i * 5} ${(base + rise * Math.sin(phase + i / 3.2)).toFixed(1)}`);
    return svg("path", { d: `M0 100 L${points.join(" L")} L100 100 Z`, fill });
  })];
}

/** The levels of a moment. */
function levels(colours, next) {
  const many = 7 + 2 * Math.floor(2 * next());
  const wide = 84 / many;
  return Array.from({ length: many }, (_, n) => {
    const height = 14 + 62 * (0.35 + 0.65 * Math.sin((Math.PI * (n + 0.5)) / many)) * (0.35 + 0.65 * next());
    const fill = n === Math.floor(many / 2) ? colours.spark : n % 2 ? colours.light : colours.mid;
    return svg("rect", { x: 8 + n * wide + wide * 0.16, y: 50 - height / 2, width: wide * 0.68, height, rx: wide * 0.34, fill });
  });
}

/** Two moons. */
function moons(colours, next) {
  const [x, y, far] = [38 + 24 * next(), 40 + 20 * next(), 10 + 14 * next()];
  const way = 6.28 * next();
  return [
    disc(x, y, 30, colours.light),
    disc(x + far * Math.cos(way), y + far * Math.sin(way), 27, colours.ground),
    disc(x - 34 * Math.cos(way), y - 34 * Math.sin(way), 4 + 3 * next(), colours.spark),
  ];
}

/** Quarters of circles, as tiles. */
function tiles(colours, next) {
  const fills = [colours.light, colours.mid, colours.spark, colours.deep];
  const side = SIDE / 3;
  const quarters = ["M0 0h1a1 1 0 0 1-1 1z", "M1 0v1a1 1 0 0 1-1-1z", "M1 1h-1a1 1 0 0 1 1-1z", "M0 1v-1a1 1 0 0 1 1 1z", "M.5 0a.5 .5 0 1 1 0 1a.5 .5 0 1 1 0-1z"];
  return Array.from({ length: 9 }, (_, n) => {
    const fill = fills[Math.floor(next() * next() * fills.length)];
    const d = quarters[Math.floor(next() * quarters.length)];
    return svg("path", { d, fill, transform: `translate(${(n % 3) * side} ${Math.floor(n / 3) * side}) scale(${side})` });
  });
}

/** A fan of strings. */
function strings(colours, next) {
  const [x, many] = [next() > 0.5 ? 0 : SIDE, 9 + Math.floor(6 * next())];
  const lines = Array.from({ length: many }, (_, n) => {
    const stroke = n % 4 === 1 ? colours.spark : n % 2 ? colours.light : colours.mid;
    return svg("path", { d: `M${x} 100 Q50 ${20 + 8 * n} ${SIDE - x} ${(n * 96) / many}`, fill: "none", stroke, "stroke-width": 1 + 2.2 * next() });
  });
  return [...lines, disc(SIDE - x, 0, 20 + 8 * next(), colours.deep)];
}

const COMPOSITIONS = [choirs, record, hills, levels, moons, tiles, strings];

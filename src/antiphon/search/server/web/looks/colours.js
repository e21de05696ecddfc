/**
 * Colours of tracks. Where a track lies in the space of sounds gives its hue: what sounds alike looks alike, on covers
 * and on the map. Without a place it is its artist's, so that an artist is known by a colour.
 */

const places = new Map();

/** Where tracks lie, −1 … 1 on both axes. */
export function learnPlace(id, x, y) {
  places.set(id, [x, y]);
}

/** A number of 32 bits that a text always gives (FNV-1a). */
export function hash(text) {
  let value = 0x811c9dc5;
  for (let at = 0; at < Math.min(text.length, 500); at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  return (value ^ (value >>> 12)) >>> 0;
}

/** Hue in degrees, and how strong the colour is, 0 … 1. */
function hueOf(track) {
  const place = track.place ?? places.get(track.track_id);
  if (place) return [hueAt(...place), 0.55 + 0.45 * Math.min(1, Math.hypot(...place))];
  const seed = hash(track.artist || track.track_id);
  return [seed % 360, 0.7 + 0.3 * (((seed >>> 9) % 100) / 100)];
}

/** The hue of a place in the space: around its middle once means through all colours once. */
export function hueAt(x, y) {
  return ((Math.atan2(y, x) * 180) / Math.PI + 400) % 360;
}

const oklch = (light, chroma, hue) => `oklch(${(light * 100).toFixed(1)}% ${chroma.toFixed(3)} ${(((hue % 360) + 360) % 360).toFixed(1)})`;

/** Five colours that go together: of a cover, dark ground first, and of what glows behind a page. */
export function palette(track) {
  const [hue, strength] = hueOf(track);
  const turn = hash(track.track_id) % 2 ? 1 : -1;
  return {
    deep: oklch(0.27, 0.055 * strength, hue - 12 * turn),
    ground: oklch(0.42, 0.095 * strength, hue),
    mid: oklch(0.62, 0.135 * strength, hue + 14 * turn),
    light: oklch(0.86, 0.085 * strength, hue + 38 * turn),
    spark: oklch(0.8, 0.14, hue + 150 * turn),
  };
}

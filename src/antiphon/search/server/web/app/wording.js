/** How tracks, times and numbers are written. */

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
const numbers = new Intl.NumberFormat("en");

/** A whole number with its thousands apart. */
export const count = (value) => numbers.format(value);

/** "1 track", "2,000 tracks". */
export const counted = (value, noun, plural = `${noun}s`) => `${count(value)} ${value === 1 ? noun : plural}`;

/** Without line breaks and other characters that are no letters. */
export const plain = (text) => String(text ?? "").replace(CONTROLS, " ").trim();

/** At most so many characters; half of a surrogate pair is never left. */
export function shortened(text, most = 90) {
  const letters = plain(text);
  if (letters.length <= most) return letters;
  return `${[...letters.slice(0, most)].slice(0, -1).join("")}…`;
}

const NOT_IN_NAMES = /[\\/:*?"<>|\s]+/g;

/** A text as the name of a file that every system can have, and short enough in any script. */
export const nameable = (text, most = 60) => shortened(plain(text).replace(NOT_IN_NAMES, " ").replace(/^[. ]+/, ""), most) || "playlist";

function fileName(path) {
  const last = String(path ?? "").split(/[/\\]/).filter(Boolean).pop() ?? "";
  const name = plain(last.replace(/\.[A-Za-z0-9]{1,5}$/, "") || last);
  return name.includes(" ") ? name : name.replace(/_+/g, " ").trim() || name;
}

/** A track's title; where it has none its file's name, or what its id ends in. */
export const titleOf = (track) => plain(track.title) || fileName(track.path) || fileName(track.track_id) || "Untitled";

/** "Title by Artist", short enough to be read out. */
export function nameOf(track) {
  const artist = plain(track.artist);
  return shortened(titleOf(track)) + (artist ? ` by ${shortened(artist, 60)}` : "");
}

const OF_FILES = new Set(["encoder", "encoder_settings", "encoded_by", "encoder_info", "track_id", "path", "caption_made"]);

/** Whether a field says something of the music, and not of its file or of a program that wrote it. */
export const isOfMusic = (name) => !OF_FILES.has(plain(name).toLowerCase().replace(/[ -]/g, "_"));

/** Seconds as players show them: 1:42, 1:02:05; "" where they are not known. */
export function clock(seconds) {
  if (seconds == null || !Number.isFinite(seconds) || seconds < 0) return "";
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A stretch of time, roughly, as people say it. */
export function roughly(seconds) {
  if (seconds < 45) return "less than a minute";
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${counted(minutes, "minute")}`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `about ${counted(hours, "hour")}` : `about ${counted(Math.round(hours / 24), "day")}`;
}

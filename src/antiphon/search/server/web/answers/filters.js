/** Filters: conditions that are picked from what the library knows, or written; a wrong one shows where it is wrong. */

import { current, go } from "../app/address.js";
import { $, h, iconButton } from "../app/element.js";
import { isOfMusic, shortened } from "../app/wording.js";
import { fields } from "../library/status.js";
import { icon } from "../looks/icons.js";
import { conditionOf, conditionsOf, joined, partsOf, placeOf, shownAs } from "./filter_text.js";

const FIRST = ["genre", "mood", "year", "artist", "album"];
let open = null;
let complaint = null;

/** Fields that some track has, in the order in which people ask for them. */
function offered() {
  const place = (name) => (FIRST.includes(name.toLowerCase()) ? FIRST.indexOf(name.toLowerCase()) : FIRST.length);
  return fields().filter((field) => isOfMusic(field.name) && field.examples.some((one) => one != null)).sort((a, b) => place(a.name) - place(b.name));
}

/** Draw the filters of a state; what picks them stands beside answers alone, but for a complaint. */
export function showFilters(state) {
  const conditions = conditionsOf(state.where);
  const chips = conditions.map((condition, n) => chip(condition, () => apply(conditions.filter((_, other) => other !== n))));
  const switches = state.like.length || state.words.trim() ? [
    toggle("Every version", state.versions, () => go({ versions: !state.versions })),
    toggle("Vary artists", state.vary, () => go({ vary: !state.vary })),
  ] : [];
  $("filters").replaceChildren(opener("pick", "Filter", "filter"), ...chips, ...switches);
  if (complaint && complaint.where !== state.where) complaint = null;
  if (state.view !== "search" && !complaint) open = null;
  $("filter-panel").hidden = !open;
  if (open) fillPanel();
}

/** Show what is wrong with the filter, at its place. */
export function showFilterComplaint(error, where) {
  complaint = { message: error.message, fix: error.fix, where, place: placeOf(error.message, where) };
  show("write");
  const box = $("filter-text");
  box.focus();
  if (complaint.place) box.setSelectionRange(...complaint.place);
}

/** Whether an error is about the filter. */
export const isOfFilter = (error, where) => where !== "" && placeOf(error.message, where) !== null;

const apply = (conditions) => go({ where: joined(conditions) });

function chip(condition, remove) {
  const name = shortened(shownAs(condition), 60);
  return h("button.chip.on", { type: "button", "aria-label": `Remove the filter ${name}`, onclick: remove }, h("bdi", { dir: "auto" }, name), icon("close"));
}

function toggle(label, pressed, onclick) {
  return h(pressed ? "button.chip.on" : "button.chip", { type: "button", "aria-pressed": String(pressed), onclick }, label);
}

function opener(name, label, drawing) {
  const shown = open === name || (name === "pick" && open === "write");
  return h("button.chip", { type: "button", "aria-expanded": String(shown), "aria-controls": "filter-panel", onclick: () => show(open ? null : name) }, icon(drawing), label);
}

function show(name) {
  open = name;
  showFilters(current());
}

/** Close what picks filters, and go back to what opened it; false where it is not open. */
export function closeFilters() {
  if (!open) return false;
  show(null);
  $("filters").querySelector("[aria-controls]")?.focus();
  return true;
}

const closing = () => iconButton(icon("close"), "Close the filter", closeFilters);

function fillPanel() {
  $("filter-panel").replaceChildren(...(open === "write" ? writing() : picking()));
}

function picking() {
  const names = offered();
  if (!names.length) return writing();
  const select = h("select", { id: "filter-field" }, names.map((field) => h("option", { value: field.name }, field.name)));
  const place = h("div.filter-values");
  const draw = () => place.replaceChildren(...values(names.find((field) => field.name === select.value)));
  const last = $("filter-panel").dataset.field;
  if (names.some((field) => field.name === last)) select.value = last;
  select.addEventListener("change", () => (($("filter-panel").dataset.field = select.value), draw()));
  draw();
  const write = h("button.link", { type: "button", onclick: () => show("write") }, "Write it instead");
  return [h("div.filter-line", {}, h("label", { for: "filter-field" }, "Only where"), select, write, closing()), place];
}

function values(field) {
  return field.type === "number" || field.type === "date" ? [between(field)] : [among(field)];
}

/** Values of a field as switches, and one of one's own. */
function among(field) {
  const conditions = conditionsOf(current().where);
  const own = conditions.findIndex((one) => ["=", "in"].includes(partsOf(one)?.sign) && partsOf(one).field === field.name);
  const chosen = own < 0 ? [] : partsOf(conditions[own]).values;
  const set = (next) => {
    const made = next.length ? [conditionOf({ field: field.name, sign: "in", values: next })] : [];
    apply(own < 0 ? [...conditions, ...made] : conditions.toSpliced(own, 1, ...made));
  };
  const flip = (value) => set(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  const known = [...new Set([...field.examples.map(String), ...chosen])];
  const switches = known.map((value) => toggle(shortened(value, 40), chosen.includes(value), () => flip(value)));
  const box = h("input", { type: "text", "aria-label": `Another ${field.name}`, placeholder: `another ${field.name}`, size: 14 });
  const other = h("form.other", { onsubmit: (event) => (event.preventDefault(), box.value.trim() && flip(box.value.trim())) }, box);
  return h("div.switches", { role: "group", "aria-label": field.name }, switches, other);
}

/** A number or date from … to …. */
function between(field) {
  const conditions = conditionsOf(current().where);
  const at = (sign) => conditions.findIndex((one) => partsOf(one)?.sign === sign && partsOf(one).field === field.name);
  const box = (sign, label) => {
    const value = at(sign) < 0 ? "" : partsOf(conditions[at(sign)]).values[0];
    return h("input", { type: "text", inputmode: field.type === "number" ? "decimal" : "text", "aria-label": `${field.name} ${label}`, placeholder: String(field.examples[label === "from" ? 0 : field.examples.length - 1] ?? ""), value, size: 8 });
  };
  const [from, to] = [box(">=", "from"), box("<=", "to")];
  const submit = (event) => {
    event.preventDefault();
    const rest = conditions.filter((_, n) => n !== at(">=") && n !== at("<="));
    const made = [[">=", from.value.trim()], ["<=", to.value.trim()]].filter(([, value]) => value);
    apply([...rest, ...made.map(([sign, value]) => conditionOf({ field: field.name, sign, values: [value] }))]);
  };
  return h("form.between", { onsubmit: submit }, h("label", {}, "from ", from), h("label", {}, "to ", to), h("button.pill", { type: "submit" }, "Set"));
}

/** The filter as text. */
function writing() {
  const where = complaint?.where ?? current().where;
  const box = h("input.filter-text", { id: "filter-text", type: "text", value: where, spellcheck: "false", autocapitalize: "off", "aria-label": "Filter as text", "aria-describedby": "filter-told", "aria-invalid": complaint ? "true" : false, placeholder: offered().length ? "year >= 1970 and genre = jazz" : "title contains live" });
  const submit = (event) => {
    event.preventDefault();
    complaint = null;
    go({ where: box.value.trim() });
  };
  const form = h("form.filter-line", { onsubmit: submit }, box, h("button.pill", { type: "submit" }, "Apply"), closing());
  const names = offered().map((field) => field.name);
  const told = complaint ? wrong(complaint) : h("p.quiet", { id: "filter-told" }, names.length ? `Fields: ${shortened(names.join(", "), 300)}.` : "No track of this library has a genre, an artist or another field to filter by.");
  return [form, told];
}

function wrong({ message, fix, where, place }) {
  const shown = place && h("p.filter-place", { "aria-hidden": "true" }, where.slice(0, place[0]), h("mark", {}, where.slice(...place) || " "), where.slice(place[1]));
  return h("div.wrong", { id: "filter-told", role: "alert" }, shown, h("p", {}, message.split("\n")[0]), fix ? h("p.quiet", {}, fix) : null);
}

"""From a recipe to the notes: chords, a melody in phrases, accompaniment, bass and drums.

Time is in beats while composing and in seconds in the result; pitches are MIDI numbers. A scale's ladder numbers its
steps from 0 (the tonic near the recipe's centre) through all octaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from antiphon.demo.recipe import DENSITIES, SCALES, PieceRecipe
from antiphon.demo.sound.drums import GROOVES, SWUNG
from antiphon.demo.sound.instruments import PATCHES

SECONDS = 7.4  # what the bars of a piece aim at; the last note rings on

# Scale degrees of the chord roots; the first and the last chord are the tonic, so that the mode is heard.
PROGRESSIONS: dict[str, tuple[tuple[int, ...], ...]] = {
    "major": ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (0, 1, 4, 0), (0, 2, 3, 4), (0, 3, 0, 4)),
    "minor": ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 6), (0, 5, 3, 4), (0, 3, 5, 4), (0, 2, 5, 3)),
    "dorian": ((0, 3, 0, 3), (0, 6, 3, 0), (0, 3, 6, 0), (0, 1, 3, 0)),
    "phrygian": ((0, 1, 0, 1), (0, 1, 2, 1), (0, 6, 1, 0), (0, 3, 1, 0)),
    "pentatonic": ((0, 4, 0, 3), (0, 1, 4, 0), (0, 3, 4, 0), (0, 4, 3, 0)),
    "blues": ((0, 2, 0, 4), (0, 0, 2, 4), (0, 2, 4, 0), (0, 4, 2, 0)),
}


class Note(NamedTuple):
    """A pitched note: ``start`` and ``seconds`` (held), MIDI ``pitch``, ``velocity`` 0–1."""

    part: str
    start: float
    seconds: float
    pitch: int
    velocity: float


class DrumStroke(NamedTuple):
    """A drum stroke."""

    drum: str
    start: float
    velocity: float


@dataclass(frozen=True, kw_only=True)
class Score:
    """All notes of a piece, in no particular order, and its length in seconds without the tail."""

    notes: list[Note]
    hits: list[DrumStroke]
    seconds: float


class Composer:
    """The choices that all parts of one piece share: its bars, its chords, its random numbers."""

    def __init__(self, recipe: PieceRecipe) -> None:
        self.recipe = recipe
        self.rng = np.random.default_rng([recipe.seed, 1])
        self.scale = SCALES[recipe.mode]
        self.beat = 60.0 / recipe.bpm
        self.bars = max(2, round(SECONDS / (self.beat * recipe.metre)))
        self.beats = self.bars * recipe.metre
        self.chords = self._chords()
        low = recipe.centre - 6
        self.root = low + (recipe.tonic - low) % 12

    def _chords(self) -> list[int]:
        """The degree of each beat's chord."""
        recipe = self.recipe
        if recipe.texture == "drone":
            return [0] * self.beats
        options = PROGRESSIONS[recipe.mode]
        progression = options[int(self.rng.integers(len(options)))]
        span = recipe.metre if self.bars >= 4 else recipe.metre // 2 + recipe.metre % 2
        chords = [progression[(beat // span) % len(progression)] for beat in range(self.beats)]
        chords[-span:] = [0] * span
        return chords

    def chord_at(self, beat: float) -> int:
        """Degree of the chord that sounds at ``beat``."""
        return self.chords[min(int(beat), self.beats - 1)]

    def pitch(self, step: int) -> int:
        """MIDI pitch of a step of the scale's ladder."""
        return self.root + 12 * (step // len(self.scale)) + self.scale[step % len(self.scale)]

    def chord_classes(self, degree: int) -> tuple[int, ...]:
        """Semitones over the tonic of a chord's notes, root first."""
        scale, size = self.scale, len(self.scale)
        if self.recipe.mode == "blues":
            root = {0: 0, 2: 5, 4: 7}[degree]
            return (root, root + 4, root + 7, root + 10)
        if self.recipe.mode == "pentatonic":
            # Stacked steps of the scale never leave it.
            return (scale[degree], scale[(degree + 2) % size], scale[(degree + 3) % size])
        classes = [scale[(degree + k) % size] for k in (0, 2, 4)]
        return (classes[0], classes[1], classes[2])

    def seconds_at(self, beat: float) -> float:
        """Seconds from the start; swung grooves delay the off-beat."""
        whole, part = divmod(beat, 1.0)
        if self.recipe.groove in SWUNG:
            part = part * 4 / 3 if part <= 0.5 else 2 / 3 + (part - 0.5) * 2 / 3
        return (whole + part) * self.beat

    def note(self, part: str, beat: float, beats: float, pitch: int, velocity: float) -> Note:
        """A note with a player's small inaccuracies."""
        start = max(0.0, self.seconds_at(beat) + float(self.rng.normal(0, 0.006)))
        loud = float(np.clip(velocity * self.rng.normal(1, 0.07), 0.15, 1.0))
        return Note(part, start, beats * self.beat, pitch + self.recipe.transpose, loud)


def _step_beats(recipe: PieceRecipe, beat: float) -> float:
    """The note value, in beats, whose pace is nearest to the density's aim."""
    values = np.array([2.0, 1.0, 0.5, 0.25] if recipe.metre == 4 else [3.0, 1.0, 0.5, 0.25])
    return float(values[np.argmin(np.abs(np.log(1 / (values * beat * DENSITIES[recipe.density]))))])


def _bar_rhythm(composer: Composer, step: float) -> list[float]:
    """Note lengths in beats that fill one bar."""
    metre, rhythm = float(composer.recipe.metre), list[float]()
    while (left := metre - sum(rhythm)) > 1e-6:
        choices = {
            "even": [step], "long": [2 * step], "dotted": [1.5 * step, 0.5 * step], "split": [0.5 * step, 0.5 * step],
        }  # fmt: skip
        weights = (0.66, 0.16, 0.12, 0.06) if composer.recipe.density != "sparse" else (0.8, 0.2, 0.0, 0.0)
        figure = choices[str(composer.rng.choice(list(choices), p=weights))]
        rhythm.extend(figure if sum(figure) <= left + 1e-6 else [min(step, left)])
    return rhythm


def _bar_steps(composer: Composer, count: int, start: int) -> list[int]:
    """Ladder steps of one bar's notes, following the recipe's contour."""
    rng, contour, size = composer.rng, composer.recipe.contour, len(composer.scale)
    if contour in ("rising", "falling"):
        sign = 1 if contour == "rising" else -1
        line = -sign * size // 2 + sign * np.cumsum(rng.choice([0, 1, 1, 1, 2], size=count))
        return [int(start + (s if abs(s) <= size else s - sign * size)) for s in line]
    if contour == "riff":
        figure = start + rng.integers(-2, 5, size=int(rng.integers(3, 5)))
        return [int(figure[k % len(figure)]) for k in range(count)]
    jumps = [-5, -4, -3, 3, 4, 5] if contour == "leaping" else [-1, -1, 1, 1, 2, -2]
    steps = [start]
    for jump in rng.choice(jumps, size=count - 1):
        upper, lower = start + size, start - size // 2 - 1
        steps.append(steps[-1] + int(jump if lower <= steps[-1] + jump <= upper else -jump))
    return steps


def _on_chord(composer: Composer, step: int, degree: int) -> int:
    """The nearest ladder step that belongs to the chord."""
    classes = {c % 12 for c in composer.chord_classes(degree)}
    for distance in (0, 1, -1, 2, -2, 3, -3):
        if (composer.pitch(step + distance) - composer.root) % 12 in classes:
            return step + distance
    return step


def melody(composer: Composer) -> list[Note]:
    """The lead: two one-bar ideas in a phrase form, strong beats on the chord, a held tonic at the end."""
    recipe, rng = composer.recipe, composer.rng
    step = _step_beats(recipe, composer.beat)
    ideas = []
    for _ in range(2):
        rhythm = _bar_rhythm(composer, step)
        ideas.append((rhythm, _bar_steps(composer, len(rhythm), int(rng.choice([0, 2, 4])))))
    form = str(rng.choice(["AABA", "ABAB", "AAAB", "ABBA"]))
    hold = {"plain": 0.92, "legato": 1.06, "staccato": 0.36}[recipe.articulation]
    rest = {"sparse": 0.06, "medium": 0.07, "busy": 0.04}[recipe.density]
    notes: list[Note] = []
    for bar in range(composer.bars):
        rhythm, steps = ideas["AB".index(form[bar % 4])]
        beat = float(bar * recipe.metre)
        for length, raw in zip(rhythm, steps, strict=True):
            strong = beat % 1.0 == 0
            at = _on_chord(composer, raw, composer.chord_at(beat)) if strong and recipe.contour != "riff" else raw
            if not notes or rng.random() > rest:
                velocity = (0.82 if beat % recipe.metre == 0 else 0.72 if strong else 0.62) + 0.05 * (bar % 2)
                notes.append(composer.note("lead", beat, length * hold, composer.pitch(at), velocity))
            beat += length
    return _cadence(composer, notes, step)


def _cadence(composer: Composer, notes: list[Note], step: float) -> list[Note]:
    """End on the tonic: the last beats become one held note."""
    length = max(1.0, min(step * 2, 2.0))
    start = composer.beats - length
    limit = composer.seconds_at(start) - 0.02
    kept = [note for note in notes if note.start < limit] or notes[:1]
    nearest = min((composer.root + 12 * k for k in (-1, 0, 1)), key=lambda p: abs(p - kept[-1].pitch))
    return [*kept, composer.note("lead", start, length, nearest, 0.8)]


def _voiced(composer: Composer, degree: int, *, low: int) -> list[int]:
    """A chord's notes in close position from MIDI pitch ``low`` up."""
    pitches = [composer.root + c for c in composer.chord_classes(degree)]
    return sorted(low + (pitch - low) % 12 for pitch in pitches)


def chords(composer: Composer) -> list[Note]:
    """Chords under the melody: held when sparse or slow, struck more often when busy."""
    recipe = composer.recipe
    low = min(max(recipe.centre - 17, 43), 55)
    every = {"sparse": float(recipe.metre), "medium": 2.0 if recipe.metre == 4 else 1.0, "busy": 1.0}[recipe.density]
    offbeat = 0.5 if recipe.groove in ("four on the floor", "latin") else 0.0
    # A held bow, bellows or pad is not restruck.
    if PATCHES[recipe.backing].sustained and not offbeat:
        every = max(every, recipe.metre / 2)
    notes: list[Note] = []
    beat = 0.0
    while beat < composer.beats - 1e-6:
        oompah = recipe.metre == 3 and beat % 3 == 0 and every == 1.0
        held = every * (0.5 if offbeat else 0.95)
        pitches = _voiced(composer, composer.chord_at(beat), low=low)
        for pitch in [pitches[0] - 12] if oompah else pitches:
            notes.append(composer.note("backing", beat + offbeat, held, pitch, 0.6 if beat % recipe.metre else 0.68))
        beat += every
    return notes


def arpeggio(composer: Composer) -> list[Note]:
    """Broken chords, up or up and down, four to eight notes a second."""
    recipe = composer.recipe
    part = "backing" if recipe.backing else "lead"
    step = 0.25 if recipe.tempo == "slow" or (recipe.tempo == "moderate" and recipe.density == "busy") else 0.5
    pattern = [[0, 1, 2, 3], [0, 2, 1, 2], [0, 1, 2, 3, 2, 1], [3, 2, 1, 0]][int(composer.rng.integers(4))]
    low = min(max(recipe.centre - 14, 45), 72) if recipe.backing else recipe.centre - 6
    notes: list[Note] = []
    for index in range(int(composer.beats / step)):
        beat = index * step
        pitches = _voiced(composer, composer.chord_at(beat), low=low)
        pitches = [*pitches[:3], pitches[0] + 12]
        notes.append(composer.note(part, beat, step * 1.5, pitches[pattern[index % len(pattern)]], 0.6))
    return notes


def drone(composer: Composer) -> list[Note]:
    """The tonic and its fifth, held throughout."""
    low = 40 + (composer.root - 40) % 12
    return [composer.note("backing", 0.0, composer.beats, pitch, 0.6) for pitch in (low, low + 7, low + 12)]


def bass_line(composer: Composer) -> list[Note]:
    """Roots when sparse, root and fifth when medium, pulsing eighths (or a walk, when swung) when busy."""
    recipe = composer.recipe
    every = {"sparse": float(recipe.metre), "medium": 1.0 if recipe.groove in SWUNG else 2.0, "busy": 0.5}[
        recipe.density
    ]
    if recipe.tempo == "fast":
        every = max(every, 1.0)
    notes: list[Note] = []
    for index in range(int(composer.beats / every)):
        beat = index * every
        classes = composer.chord_classes(composer.chord_at(beat))
        choice = (
            classes[index % len(classes)] if recipe.groove in SWUNG else classes[2 if every == 2 and index % 2 else 0]
        )
        pitch = 33 + (composer.root + choice - 33) % 12
        notes.append(composer.note("bass", beat, every * 0.9, pitch, 0.8))
    return notes


def drums(composer: Composer) -> list[DrumStroke]:
    """The groove, bar after bar, with accents and a little unevenness."""
    groove, rng = GROOVES[composer.recipe.groove], composer.rng
    loudness = {"X": 1.0, "x": 0.7, "o": 0.35}
    hits: list[DrumStroke] = []
    for bar in range(composer.bars):
        for drum, line in groove.items():
            for index, mark in enumerate(line):
                if mark != ".":
                    beat = bar * composer.recipe.metre + index / 4
                    start = max(0.0, composer.seconds_at(beat) + float(rng.normal(0, 0.004)))
                    hits.append(DrumStroke(drum, start, loudness[mark] * float(rng.uniform(0.85, 1.0))))
    return hits


def compose(recipe: PieceRecipe) -> Score:
    """All notes of the piece. The same recipe gives the same score."""
    composer = Composer(recipe)
    alone = recipe.texture == "arpeggio" and not recipe.backing
    notes = arpeggio(composer) if alone else melody(composer)
    if recipe.backing:
        accompany = {"arpeggio": arpeggio, "drone": drone}.get(recipe.texture, chords)
        notes = notes + accompany(composer)
    if recipe.bass:
        notes = notes + bass_line(composer)
    hits = drums(composer) if recipe.groove else []
    return Score(notes=notes, hits=hits, seconds=composer.beats * composer.beat)

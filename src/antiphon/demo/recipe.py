"""What a piece of the demo's music is made of: every audible choice, before a note is written.

A recipe is the ground truth of a piece. The composition, the sound and the captions are all made from it and from
nothing else, so a caption can only name what the audio has.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

# Raise when the same recipe would sound different, so that files of an earlier version are rendered again.
RENDERER_VERSION = 1

TEMPI = {"slow": (58.0, 74.0), "moderate": (92.0, 112.0), "fast": (140.0, 170.0)}  # beats per minute
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "pentatonic": (0, 2, 4, 7, 9),
    "blues": (0, 3, 5, 6, 7, 10),
}
DENSITIES = {"sparse": 0.85, "medium": 2.4, "busy": 6.0}  # lead notes per second aimed at
TEXTURES = ("solo", "chords", "arpeggio", "drone", "band")
CONTOURS = ("rising", "falling", "winding", "leaping", "riff")
SPACES = ("dry", "room", "hall")
COLOURS = ("plain", "warm", "bright", "lo-fi")
NOTE_NAMES = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")


@dataclass(frozen=True, kw_only=True)
class PieceRecipe:
    """Every audible choice of one piece.

    Parameters
    ----------
    seed : seed of what the other fields leave open (the melody itself, the timbre's small variations).
    lead, backing : instrument names; ``backing`` is empty for a single instrument.
    groove : name of the drum pattern, empty without drums.
    bpm : beats per minute, inside the range of ``tempo``.
    metre : beats in a bar, 3 or 4.
    tonic : pitch class of the key, 0 (C) to 11 (B).
    centre : MIDI pitch around which the lead plays.
    transpose : semitones added to every pitched note (a transposed copy keeps all else).
    stereo : whether the file has two channels.
    container : file ending, which also names the codec.
    """

    seed: int
    lead: str
    backing: str
    texture: str
    bass: bool
    groove: str
    tempo: str
    bpm: float
    metre: int
    mode: str
    tonic: int
    density: str
    centre: int
    articulation: str
    contour: str
    space: str
    dynamics: str
    colour: str
    transpose: int = 0
    stereo: bool = False
    container: str = "flac"

    @property
    def register(self) -> str:
        """``low``, ``middle`` or ``high``: where the lead plays, on one scale for all instruments."""
        pitch = self.centre + self.transpose
        return "low" if pitch <= 52 else "high" if pitch >= 79 else "middle"

    @property
    def minor_third(self) -> bool:
        """Whether the scale's third is minor."""
        return 3 in SCALES[self.mode]

    def in_short(self) -> str:
        """What is heard first: ``slow piano with waltz drums, minor, lo-fi``."""
        drums = f" with {self.groove} drums" if self.groove else ""
        colour = [] if self.colour == "plain" else [self.colour]
        return ", ".join([f"{self.tempo} {self.lead}{drums}", self.mode, *colour])

    def fingerprint(self) -> str:
        """12 hex digits that change when the piece would sound different or be stored differently."""
        text = json.dumps([RENDERER_VERSION, asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

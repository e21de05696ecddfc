"""The instruments: numbers that the one additive synthesiser of :mod:`antiphon.demo.sound.synth` turns into sound.

A patch is a set of partials (harmonic, stretched or bell-like), how they decay or are sustained, and the noise of
hammer, breath or bow. Frequencies of struck bars and bells: Fletcher and Rossing, The Physics of Musical
Instruments, 1998.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Patch:
    """One instrument.

    Parameters
    ----------
    centre : MIDI pitch of its usual middle.
    ratios : explicit partial frequencies over the fundamental; empty for harmonics.
    partials : number of harmonics when ``ratios`` is empty.
    stretch : inharmonicity B of stiff strings, f_p = p f √(1 + B p²).
    slope : partial p starts with amplitude p^-slope.
    even : level of even partials (0 a clarinet or square wave, 1 all).
    pluck : where the string is plucked, as a share of its length; 0 for no comb.
    formants : (Hz, bandwidth Hz) resonances that shape the partials.
    decay : seconds to fall by 60 dB for partial 1 at middle C; 0 for a sustained sound.
    damping : how much sooner high partials die (rate × p^damping).
    attack, release : seconds.
    bloom : seconds by which the upper partials come later (brass).
    vibrato : (Hz, cents).
    tremolo : (Hz, depth 0–1).
    voices, spread : unison voices and the cents they are detuned by.
    breath : steady noise against the tone, ``breath_hz`` its centre.
    click : noise burst of the attack.
    drive : distortion, 0 clean.
    """

    centre: int = 64
    ratios: tuple[float, ...] = ()
    partials: int = 16
    stretch: float = 0.0
    slope: float = 1.3
    even: float = 1.0
    pluck: float = 0.0
    formants: tuple[tuple[float, float], ...] = ()
    decay: float = 0.0
    damping: float = 0.7
    attack: float = 0.005
    release: float = 0.08
    bloom: float = 0.0
    vibrato: tuple[float, float] = (0.0, 0.0)
    tremolo: tuple[float, float] = (0.0, 0.0)
    voices: int = 1
    spread: float = 0.0
    breath: float = 0.0
    breath_hz: float = 2000.0
    click: float = 0.0
    drive: float = 0.0

    @property
    def sustained(self) -> bool:
        """Whether the sound lasts as long as the note is held (so that it can be played legato)."""
        return self.decay == 0.0


PATCHES: dict[str, Patch] = {
    "piano": Patch(
        centre=64, partials=20, stretch=4e-4, slope=1.1, pluck=0.12, decay=5.0, click=0.25, release=0.12,
        voices=2, spread=2.0,
    ),
    "electric piano": Patch(
        centre=64, ratios=(1.0, 2.0, 3.0, 4.0, 14.2), slope=1.5, decay=5.0, damping=0.9, tremolo=(4.5, 0.45),
        click=0.04,
    ),
    "acoustic guitar": Patch(
        centre=59, partials=24, stretch=6e-5, slope=0.9, pluck=0.18, decay=3.2, damping=0.85, click=0.35,
        attack=0.002,
    ),
    "distorted guitar": Patch(
        centre=55, partials=24, slope=0.8, decay=9.0, damping=0.2, drive=9.0, attack=0.004, vibrato=(5.0, 8.0),
    ),
    "harp": Patch(
        centre=69, partials=12, slope=1.7, pluck=0.45, decay=4.5, damping=0.9, attack=0.003, release=0.6,
    ),
    "harpsichord": Patch(
        centre=66, partials=30, stretch=3e-5, slope=0.45, pluck=0.09, decay=2.2, damping=0.35, click=0.5,
        attack=0.001,
        release=0.05,
    ),
    "strings": Patch(
        centre=64, partials=22, slope=1.0, attack=0.16, release=0.3, vibrato=(5.4, 14.0), voices=4,
        spread=11.0, breath=0.03,
        breath_hz=3500.0,
    ),
    "cello": Patch(
        centre=48, partials=26, slope=0.9, formants=((230.0, 120.0), (600.0, 250.0), (1600.0, 600.0)),
        attack=0.09,
        release=0.16, vibrato=(5.2, 22.0), breath=0.05, breath_hz=1800.0,
    ),
    "flute": Patch(
        centre=76, partials=5, slope=2.3, attack=0.06, release=0.09, vibrato=(5.0, 12.0), tremolo=(5.0, 0.15),
        breath=0.16,
        breath_hz=2500.0,
    ),
    "clarinet": Patch(
        centre=64, partials=17, slope=1.0, even=0.06, attack=0.04, release=0.07, breath=0.02, breath_hz=1800.0,
    ),
    "trumpet": Patch(
        centre=67, partials=20, slope=0.55, formants=((1200.0, 700.0), (2500.0, 1100.0)), attack=0.035,
        release=0.07,
        bloom=0.06, vibrato=(5.5, 9.0),
    ),
    "organ": Patch(
        centre=62, ratios=(0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0), slope=0.35, attack=0.012, release=0.06,
        tremolo=(6.6, 0.2),
        click=0.08, voices=2, spread=4.0,
    ),
    "accordion": Patch(
        centre=67, partials=22, slope=0.75, attack=0.05, release=0.07, voices=3, spread=15.0,
    ),
    "choir": Patch(
        centre=62, partials=30, slope=0.7, formants=((650.0, 110.0), (1080.0, 130.0), (2650.0, 250.0)),
        attack=0.2, release=0.35,
        vibrato=(5.6, 22.0), voices=4, spread=16.0, breath=0.05, breath_hz=1000.0,
    ),
    "marimba": Patch(
        centre=64, ratios=(1.0, 3.93, 9.6), slope=1.2, decay=1.0, damping=1.0, click=0.12, attack=0.002,
    ),
    "glockenspiel": Patch(
        centre=86, ratios=(1.0, 2.76, 5.40, 8.93), slope=0.9, decay=3.2, damping=0.6, click=0.12, attack=0.001,
        release=0.8,
    ),
    "church bells": Patch(
        centre=60, ratios=(0.5, 1.0, 1.183, 1.506, 2.0, 2.514, 2.662, 3.011, 4.166, 5.433), slope=0.35,
        decay=7.0, damping=0.35,
        click=0.15, attack=0.002, release=1.5,
    ),
    "music box": Patch(
        centre=82, ratios=(1.0, 2.0, 3.01, 6.27), slope=1.6, decay=1.8, damping=0.5, click=0.4, attack=0.001,
        release=0.4,
    ),
    "kalimba": Patch(
        centre=70, ratios=(1.0, 5.9, 14.0), slope=0.9, decay=1.3, damping=1.2, click=0.2, attack=0.002,
        tremolo=(5.5, 0.15),
    ),
    "steel drum": Patch(
        centre=69, ratios=(1.0, 1.0075, 2.0, 3.005, 4.02), slope=0.55, decay=1.5, damping=0.3, click=0.15,
        attack=0.012,
    ),
    "synth lead": Patch(
        centre=69, partials=30, slope=0.95, attack=0.01, release=0.06, voices=3, spread=18.0, vibrato=(6.0, 12.0),
    ),
    "chiptune": Patch(
        centre=72, partials=40, slope=1.0, even=0.0, attack=0.001, release=0.01, vibrato=(7.0, 18.0),
    ),
    "synth pad": Patch(
        centre=60, partials=9, slope=1.5, attack=0.45, release=0.7, voices=5, spread=20.0, tremolo=(0.7, 0.25),
    ),
    "bass": Patch(
        centre=36, partials=12, slope=1.4, pluck=0.25, decay=2.6, damping=0.8, click=0.12, release=0.06,
    ),
}  # fmt: skip

LEADS = tuple(name for name in PATCHES if name not in ("bass",))
# Chords and arpeggios need instruments that can sound several notes and ring under a melody.
CHORD_PLAYERS = (
    "piano", "electric piano", "acoustic guitar", "harp", "organ", "strings", "accordion", "synth pad",
    "choir", "harpsichord",
    "marimba",
)  # fmt: skip
ARPEGGIO_PLAYERS = (
    "piano", "acoustic guitar", "harp", "electric piano", "marimba", "harpsichord", "kalimba", "music box",
    "chiptune",
)  # fmt: skip
DRONE_PLAYERS = ("organ", "strings", "synth pad", "choir", "accordion", "cello")

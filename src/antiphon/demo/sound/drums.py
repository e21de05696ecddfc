"""Drum sounds and the grooves they play."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from antiphon.demo.sound.synth import Audio, band_noise

# One bar: 16 steps in four, 12 in three. X loud, x normal, o soft, . silent.
GROOVES: dict[str, dict[str, str]] = {
    "four on the floor": {"kick": "X...X...X...X...", "hat": "..x...x...x...x.", "clap": "....x.......x..."},
    "backbeat": {"kick": "X.......X.x.....", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
    "shuffle": {"kick": "X.......X.......", "brush": "....X.......X...", "ride": "x...x.x.x...x.x."},
    "latin": {"conga": "x.oxx.o.x.oxX.x.", "shaker": "xoxoxoxoxoxoxoxo", "wood": "x..x..x...x.x..."},
    "half time": {"kick": "X.....x.........", "snare": "........X.......", "hat": "x...o...x...o..."},
    "march": {"kick": "X.......X.......", "snare": "x.xxX.x.x.xxX.xx"},
    "breakbeat": {"kick": "X.x.......x.....", "snare": "....X..o.o..X...", "hat": "x.x.x.x.x.x.x.x."},
    "tom-toms": {"tom": "X..xX..xX..xX.xx", "lowtom": "x.......x.....x."},
    "waltz": {"kick": "X...........", "brush": "....x...x...", "ride": "x...x...x..."},
}
SWUNG = frozenset({"shuffle"})


def _sweep(rate: int, seconds: float, start_hz: float, end_hz: float, fall: float) -> Audio:
    """A tone that falls from one frequency to another and dies away."""
    time = np.arange(int(seconds * rate)) / rate
    phase = 2 * np.pi * (end_hz * time + (start_hz - end_hz) * fall * (1 - np.exp(-time / fall)))
    return (np.sin(phase) * np.exp(-5 * time / seconds)).astype(np.float32)


def _hiss(rate: int, seconds: float, low_hz: float, high_hz: float, attack: float = 0.0) -> Audio:
    """A burst of band noise that dies away."""
    time = np.arange(int(seconds * rate)) / rate
    rise = np.minimum(1.0, time / attack) if attack else 1.0
    return (0.35 * band_noise(rate, low_hz, high_hz)[: len(time)] * rise * np.exp(-5 * time / seconds)).astype(
        np.float32
    )


def _snare(rate: int, tune: float) -> Audio:
    body = _sweep(rate, 0.2, 240 * tune, 180 * tune, 0.02)
    return (0.5 * body + _hiss(rate, 0.2, 1200.0, 9000.0)).astype(np.float32)


def _clap(rate: int) -> Audio:
    once = _hiss(rate, 0.16, 900.0, 3200.0)
    early = 0.6 * _hiss(rate, 0.02, 900.0, 3200.0)
    for delay in (0.0, 0.011):
        start = int(delay * rate)
        once[start : start + len(early)] += early
    return once


@lru_cache(maxsize=256)
def drum(name: str, rate: int, tuning: int) -> Audio:
    """One stroke at full velocity. ``tuning`` from −3 to 3 moves the kit's pitch; each step is 6 %."""
    tune = 1.06**tuning
    if name == "kick":
        return _sweep(rate, 0.32, 170 * tune, 48 * tune, 0.025)
    if name in ("tom", "lowtom", "conga"):
        low, high, seconds = {"tom": (115, 170, 0.35), "lowtom": (78, 120, 0.45), "conga": (210, 260, 0.2)}[name]
        return _sweep(rate, seconds, high * tune, low * tune, 0.05)
    if name == "snare":
        return _snare(rate, tune)
    if name == "clap":
        return _clap(rate)
    if name == "wood":
        return _sweep(rate, 0.06, 1150 * tune, 1050 * tune, 0.01)
    low_hz, high_hz, seconds, attack = {
        "hat": (6500.0, 10500.0, 0.06, 0.0),
        "ride": (4500.0, 10500.0, 0.35, 0.0),
        "shaker": (4000.0, 8000.0, 0.07, 0.02),
        "brush": (1500.0, 6000.0, 0.22, 0.04),
    }[name]
    return _hiss(rate, seconds, low_hz, high_hz, attack)

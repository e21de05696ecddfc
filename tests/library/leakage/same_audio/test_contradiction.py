"""A model's word for the same audio counts only where the signal does not contradict it."""

from __future__ import annotations

import numpy as np

from antiphon.layout import Layout
from antiphon.library.leakage.duplicates import find_duplicates
from antiphon.library.leakage.same_audio.contradiction import contradicted

IDS = [f"t{i:02d}" for i in range(60)]
RNG = np.random.default_rng(0)
MODEL = RNG.normal(size=(60, 40)).astype(np.float16)
SIGNAL = RNG.normal(size=(60, 30)).astype(np.float16)
MODEL[1], MODEL[3] = MODEL[0], MODEL[2]  # the model hears two pairs of copies
SIGNAL[1] = SIGNAL[0] + 0.05  # the signal agrees with the first


def test_pairs_that_the_signal_tells_apart_are_contradicted_and_unknown_ones_are_not() -> None:
    pairs = [("t00", "t01"), ("t02", "t03"), ("t02", "elsewhere")]
    assert contradicted(pairs, {"timbre": (IDS, SIGNAL)}).tolist() == [False, True, False]
    assert contradicted(pairs, {}).tolist() == [False, False, False]
    constant = np.ones((60, 4), np.float16)
    assert not contradicted(pairs, {"timbre": (IDS, constant)}).any()


def test_a_join_by_a_model_alone_needs_the_signal_where_there_is_one() -> None:
    model = {"tagger": (IDS, MODEL, Layout.flat(40))}
    assert [(j.a, j.b) for j in find_duplicates(model)] == [("t00", "t01"), ("t02", "t03")]
    timbre = np.zeros((60, 66, 3), np.float16)
    timbre[:, :10] = SIGNAL.reshape(60, 10, 3)
    both = {**model, "timbre": (IDS, timbre.reshape(60, -1), Layout(1, 66, 3))}
    assert [(j.a, j.b) for j in find_duplicates(both)] == [("t00", "t01")]

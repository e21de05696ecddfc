"""Recordings on both sides of a split are found by the rules of ``ingest``, and named."""

from __future__ import annotations

import numpy as np

from antiphon.evaluate.doctor.examinations.duplicates import Duplicates, across_splits
from antiphon.layout import Layout
from tests.helpers.evaluated.made_course import found, healthy, one


def test_equal_vectors_on_both_sides_are_named_and_those_on_one_side_are_not():
    rng = np.random.default_rng(0)
    trained, held = rng.standard_normal((60, 64)), rng.standard_normal((20, 64))
    held[3], held[7] = trained[10], trained[11]
    trained[5] = trained[6]
    mine, theirs = [f"a{i}" for i in range(60)], [f"b{i}" for i in range(20)]
    both = across_splits("made", Layout.flat(64), (mine, trained.astype(np.float16)), (theirs, held.astype(np.float16)))
    assert both == Duplicates(pairs=(("b3", "a10"), ("b7", "a11")), held_out=20, trained=60)
    warning = one(healthy(duplicates=both), "2 tracks of val and test sound the same as a training track")
    assert warning.severity == "warning"
    assert "b3 and a10; b7 and a11" in warning.evidence
    assert not found(healthy(duplicates=Duplicates(pairs=(), held_out=20, trained=60)), "sound the same")

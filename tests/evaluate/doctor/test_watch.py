"""The doctor beside a training that runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.evaluate.doctor.watch import knows_nothing, most_urgent
from tests.helpers.evaluated.made_course import LEVEL, TURNED, course, healthy, record
from tests.helpers.libraries.made_vectors import make_library


def test_chance_is_said_in_the_figures_of_an_epoch():
    said = knows_nothing(record(1, LEVEL, LEVEL, 0.1))
    assert said == (
        "A model that knows nothing would show: loss 6.91; t2a R@1 0.10%, R@5 0.50%, R@10 1.00%, MRR 0.0075, "
        "median rank 500.5."
    )


def test_chance_is_exact_where_captions_are_shared(tmp_path: Path) -> None:
    """Twelve val tracks with two captions each: the loss chooses among 12 tracks and 24 captions, t2a among 12."""
    made = make_library(tmp_path, val=12, captions=2)
    config = TrainConfig(epochs=1, dim=8, hidden=8, epoch_steps=2, batch_size=16, closed_form="none")
    (only,) = train(made.root, "made", text="words", config=config).history
    assert "t2a R@1 8.33%, R@5 41.67%, R@10 83.33%, MRR 0.2586, median rank 6.5." in knows_nothing(only)
    assert only.val_chance is not None
    assert only.val_chance["a2t"]["R@1"] == pytest.approx(100 * 2 / 24)
    assert only.loss_chance == pytest.approx((np.log(12) + np.log(24)) / 2, abs=0.3)


def test_what_cannot_wait_is_said_as_soon_as_it_can_be_seen():
    made = course(np.linspace(6, 1, 12), TURNED, [0, 5, 9, 12, 11, 10, 9, 9, 8, 8, 7, 7])
    found = [most_urgent("muq", made[:n]) for n in range(1, 13)]
    first = next(i for i, finding in enumerate(found) if finding is not None)
    assert 5 <= first <= 8
    assert {finding.id for finding in found if finding} == {"overfitting"}


def test_nothing_is_said_of_a_healthy_training():
    history = healthy().history
    assert [most_urgent("muq", history[:n]) for n in range(1, len(history) + 1)] == [None] * len(history)

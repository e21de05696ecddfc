"""The doctor beside a training that runs."""

from __future__ import annotations

import numpy as np

from antiphon.evaluate.doctor.watch import knows_nothing, most_urgent
from tests.helpers.libraries.made_course import LEVEL, TURNED, course, healthy, record


def test_chance_is_said_in_the_figures_of_an_epoch():
    said = knows_nothing(record(1, LEVEL, LEVEL, 0.1))
    assert said == ("A model that knows nothing would show: loss 6.91, R@1 0.10%, R@5 0.50%, R@10 1.00%, MRR 0.0075.")


def test_what_cannot_wait_is_said_as_soon_as_it_can_be_seen():
    made = course(np.linspace(6, 1, 12), TURNED, [0, 5, 9, 12, 11, 10, 9, 9, 8, 8, 7, 7])
    found = [most_urgent("muq", made[:n]) for n in range(1, 13)]
    first = next(i for i, finding in enumerate(found) if finding is not None)
    assert 5 <= first <= 8
    assert {finding.id for finding in found if finding} == {"overfitting"}


def test_nothing_is_said_of_a_healthy_training():
    history = healthy().history
    assert [most_urgent("muq", history[:n]) for n in range(1, len(history) + 1)] == [None] * len(history)

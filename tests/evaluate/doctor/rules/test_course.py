"""How a training went: courses that look alike and are not, and one voice about each."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.align.config import TrainConfig
from antiphon.evaluate.doctor.diagnose import examine
from antiphon.evaluate.doctor.rules.course import Course
from tests.helpers.evaluated.made_course import LEVEL, TURNED, N, case, course, found, healthy, one

FALLING = np.linspace(6, 3, 12)
CONTRADICTIONS = (
    ("still-rising", "complete"),
    ("still-rising", "overfitting"),
    ("still-rising", "large-gap"),
    ("still-rising", "fell-back"),
    ("still-rising", "early-plateau"),
    ("complete", "rate-too-low"),
    ("complete", "rate-too-high"),
    ("complete", "jagged"),
    ("complete", "overfitting"),
    ("loss-falls", "rate-too-low"),
    ("loss-falls", "rate-too-high"),
    ("loss-falls", "collapsed"),
    ("loss-falls", "jagged"),
    ("loss-falls", "overfitting"),
    ("loss-falls", "overconfident"),
    ("recall-rises", "fell-back"),
    ("recall-rises", "overfitting"),
    ("mrr-rises", "fell-back"),
    ("mrr-rises", "overfitting"),
    ("small-gap", "large-gap"),
    ("small-gap", "overfitting"),
    ("small-gap", "overconfident"),
    ("val-good", "rate-too-low"),
    ("behind", "ahead"),
)
"""Ids of findings that cannot both be true of one training."""
VERDICTS = {
    "collapsed", "rate-too-high", "rate-too-low", "jagged", "overfitting", "overconfident", "fell-back",
    "early-plateau", "still-rising", "complete",
}  # fmt: skip


def verdict(case_):
    return Course(case_).verdict


def test_a_fall_of_recall_is_no_rise_whatever_the_first_third_was():
    fell = case(course(FALLING, FALLING, np.linspace(30, 15, 12)))
    assert one(fell, "got worse again").severity == "warning"
    assert not found(fell, "rise")
    assert "healthy" not in examine(fell).summary


def test_recall_that_rose_and_fell_back_keeps_its_peak():
    r1 = [1, 5, 10, 16, 22, 30, 30, 27, 24, 21, 18, 15]
    fell = one(case(course(FALLING, FALLING, r1)), "got worse again")
    assert "muq_best_r1.pt (epoch 6)" in fell.advice
    assert verdict(case(course(FALLING, FALLING, [*r1[:7], 29, 30, 29, 30, 29]))) != "fell back"


def test_a_figure_that_jumps_by_a_track_has_not_fallen():
    r1 = [20, 30, 40, 43.3, 40, 43.3, 40, 43.3, 40, 43.3, 40, 40]
    jumping = case(course(FALLING, FALLING, r1), n_val=30)
    assert not found(jumping, "got worse")


def test_a_level_curve_is_not_on_track():
    losses = np.linspace(LEVEL, 0.5 * LEVEL, 10)
    level = case(course(losses, losses, [12.0] * 10))
    assert one(level, "epochs 5–10").advice == ""


def test_four_equal_epochs_and_one_better_are_not_still_rising_and_hide_nothing():
    losses = [*np.linspace(6, 2, 14), *[2.0] * 6]
    level = case(course(losses, losses, [*np.linspace(0, 40, 15), 40, 40, 40, 40, 40.1]))
    assert verdict(level) == "complete"


def test_a_rate_is_not_called_too_low_where_training_is_complete():
    """At a temperature of 0.2 a perfect model has a loss of 2 over a thousand candidates: it is no way to go."""
    losses = [*np.linspace(6, 2.2, 10), *[2.2] * 8]
    done = case(course(losses, losses, [*np.linspace(0, 60, 10), *[60] * 8], temperature=0.2))
    assert verdict(done) == "complete"
    assert not found(done, "learning rate")


def test_the_loss_is_read_at_its_temperature():
    warm = case(course([6, 4, 3, 2.6], [6, 4, 3, 2.6], [0, 20, 40, 55], temperature=0.2))
    evidence = one(warm, "Val t2a R@1 is excellent").evidence
    assert "loss 2.600 (excellent" in evidence
    assert "perfect 2.05 at temperature 0.2" in evidence
    cold = case(course([6, 4, 3, 2.6], [6, 4, 3, 2.6], [0, 20, 40, 55], temperature=0.05))
    assert "loss 2.600 (learning; chance" in one(cold, "Val t2a R@1 is excellent").evidence


def test_an_untrained_model_below_chance_is_as_expected():
    first = case(course([LEVEL], [LEVEL], [0.0]))
    assert one(first, "As expected for epoch 1").severity == "good"
    assert not found(first, "Behind")


@pytest.mark.parametrize("which", ["train", "val"])
def test_jagged_measured_losses_are_seen(which):
    smooth, rough = np.linspace(5, 3, 12), np.linspace(5, 3, 12) + 1.2 * (np.arange(12) % 2)
    train, val = (rough, smooth) if which == "train" else (smooth, rough)
    jagged = case(course(train, val, np.linspace(0, 20, 12), step_loss=2.0))
    assert f"of the {which} loss's movement" in one(jagged, "Jagged").evidence


@pytest.mark.parametrize(("n_val", "jagged"), [(18, False), (5000, True)])
def test_a_loss_of_few_tracks_may_jump_by_what_few_tracks_make(n_val, jagged):
    """The mean over 18 tracks that change by 1 each varies by 0.24 from epoch to epoch: 2.5 upwards in twenty."""
    rng = np.random.default_rng(0)
    smooth = np.linspace(4, 3.5, 20)
    rough = smooth + 0.24 * rng.standard_normal(20)
    made = case(course(smooth, rough, np.linspace(0, 20, 20), step_loss=2.0), n_val=n_val)
    assert bool(found(made, "Jagged")) == jagged


def test_a_loss_that_turns_once_is_not_jagged():
    turned = case(course(np.linspace(6, 1, 12), TURNED, [0, 5, 9, 12, 11, 10, 9, 9, 8, 8, 7, 7]))
    assert verdict(turned) == "overfitting"
    assert not found(turned, "Jagged")


def level(seed, *, turned, n=20, n_val=200, jumps=0.7):
    """R@1 and MRR stay where they are, but for so many standard errors from epoch to epoch; train loss falls."""
    rng, x = np.random.default_rng(seed), np.linspace(0, 1, n)
    r1 = 30 + jumps * 100 * math.sqrt(0.21 / n_val) * rng.standard_normal(n)
    val = LEVEL * (0.5 + (0.2 * x if turned else 0)) + 0.05 * rng.standard_normal(n)
    made = course(LEVEL * (0.5 - 0.3 * x), val, r1)
    return case(made, n_val=n_val, config=TrainConfig(epochs=n))


@pytest.mark.parametrize("n_val", [30, 200, 1000])
def test_a_level_ranking_seldom_improves_and_seldom_gets_worse(n_val):
    """The last epoch of a level curve lies above another one every second time."""
    told = [examine(level(seed, turned=True, n_val=n_val)).findings for seed in range(100)]
    titles = [finding.title for findings in told for finding in findings]
    assert sum("ranking still improves" in title for title in titles) <= 5
    assert sum("overfitting, do not train longer" in title for title in titles) <= 10
    assert sum("ranking stays level: overconfident" in title for title in titles) >= 85


def test_a_ranking_that_improves_is_told_so_and_one_that_gets_worse_too():
    rise, fall = np.linspace(20, 40, 12), np.linspace(40, 20, 12)
    assert one(case(course(np.linspace(6, 1, 12), TURNED, rise)), "ranking still improves").severity == "note"
    assert one(case(course(np.linspace(6, 1, 12), TURNED, fall)), "overfitting, do not train").severity == "warning"


def test_a_level_val_loss_has_not_turned():
    turned = [Course(level(seed, turned=False, n_val=30)).turned is not None for seed in range(100)]
    assert sum(turned) <= 5


def test_closed_forms_that_start_high_and_stay_are_healthy():
    rng = np.random.default_rng(0)
    val = 3.0 + 0.01 * rng.standard_normal(20)
    beside = course(np.full(20, 0.4), val, 48 + 0.3 * rng.standard_normal(20), step_loss=2.5)
    diagnosis = examine(case(beside, closed_form_weight=0.85))
    assert not [f for f in diagnosis.findings if f.severity in ("warning", "problem")], diagnosis.lines()


def test_closed_forms_that_are_better_alone_are_named():
    losing = {"difference": -0.2, "ci95": [-0.25, -0.15], "p": 0.001}
    figures = {"MRR": 0.3, "ci95": {"MRR": [0.2, 0.4]}, "chance": {"MRR": 0.1}}
    cca = {"t2a": figures, "a2t": figures, "training_minus_baseline": {"mean": {"MRR": losing}}}
    test = {"t2a": figures, "a2t": figures, "baselines": {"cca": cca}}
    plain = one(healthy(test=test, layers=25), "Training is worse than canonical correlation analysis (CCA)")
    assert plain.advice == 'Put closed_form = "cca" and layers = "all" into the settings and train again.'
    beside = one(healthy(test=test, layers=25, closed_form_weight=0.85), "Training is worse than canonical")
    assert "settings" not in beside.advice


def test_advice_for_more_epochs_is_once_and_a_half_to_twice_of_what_was_trained():
    rising = course(np.linspace(6, 3, 10), np.linspace(6, 3.2, 10), np.linspace(0, 25, 10))
    assert one(case(rising, config=TrainConfig(epochs=10)), "train longer").advice == "Train 15–20 epochs."


CURVE = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=24)


@settings(max_examples=300)
@given(
    loss=CURVE,
    gap=st.floats(0, 3),
    r1=CURVE,
    shape=st.sampled_from(["noise", "falls", "level", "turns"]),
    weight=st.sampled_from([0.0, 0.85]),
    temperature=st.sampled_from([0.01, 0.07, 0.2, 0.5]),
    n_val=st.sampled_from([12, 100, 5000]),
)
def test_no_history_has_two_findings_that_contradict(loss, gap, r1, shape, weight, temperature, n_val):
    n = min(len(loss), len(r1))
    x = np.linspace(0, 1, n)
    base = {"noise": 0 * x + 0.5, "falls": np.exp(-4 * x), "level": 0 * x + 0.6, "turns": np.abs(x - 0.4) + 0.2}[shape]
    noise = np.asarray(loss[:n]) * (1.0 if shape == "noise" else 0.05)
    train = LEVEL * (base + noise)
    val = LEVEL * ((base if shape != "turns" else base + x * 0.5) + noise) + gap * x
    ranks = 100 * np.asarray(r1[:n]) if shape == "noise" else 60 * (1 - base) + 5 * np.asarray(r1[:n])
    made = course(train, val, np.clip(ranks, 0, 100), temperature=temperature)
    case_ = case(made, closed_form_weight=weight, n_val=n_val, config=TrainConfig(epochs=max(n, 1)))
    ids = [finding.id for finding in examine(case_).findings]
    assert len(ids) == len(set(ids)) == len({finding.title for finding in examine(case_).findings})
    assert len(VERDICTS.intersection(ids)) <= 1
    assert [pair for pair in CONTRADICTIONS if set(pair) <= set(ids)] == []
    assert sum("learning rate" in f.title for f in examine(case_).findings) <= 1


def test_a_problem_is_told_once():
    worst = {"R@1": 0.0, "R@5": 0.0, "R@10": 0.0, "MRR": 1 / N, "median_rank": float(N)}
    made = tuple(replace(r, val={"t2a": worst, "a2t": worst}) for r in course([LEVEL] * 6, [LEVEL] * 6, [0.0] * 6))
    ids = [f.id for f in examine(case(made)).findings if f.severity == "problem"]
    assert ids == ["collapsed"]


def test_a_space_that_collapsed_late_points_to_the_checkpoint_from_before():
    worst = {"R@1": 0.0, "R@5": 0.0, "R@10": 0.0, "MRR": 1 / N, "median_rank": float(N)}
    made = course([5, 3, 2, LEVEL, LEVEL], [5, 3, 2, LEVEL, LEVEL], [10, 30, 50, 0, 0])
    late = tuple(r if r.epoch < 4 else replace(r, val={"t2a": worst, "a2t": worst}) for r in made)
    assert "muq_best_r1.pt (epoch 3) is from before" in one(case(late), "has collapsed").advice


def test_the_floor_of_a_loss_is_that_of_a_perfect_model():
    from antiphon.evaluate.doctor.bands import loss_floor

    scores = np.eye(50) / 0.2
    slow = float(np.mean(np.log(np.exp(scores).sum(1)) - np.diag(scores)))
    assert loss_floor(math.log(50), 0.2) == pytest.approx(slow)

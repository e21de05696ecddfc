"""The training doctor on made-up histories: each finding appears where it should, and not where it should not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.evaluate.doctor.bands import as_in_guide, band, loss_band
from antiphon.evaluate.doctor.diagnose import examine
from antiphon.evaluate.doctor.rules.how_it_went import another_lr
from antiphon.evaluate.doctor.trends import jaggedness
from antiphon.metrics.retrieval import chance
from tests.helpers.evaluated.made_course import HUGE, LEVEL, TURNED, N, case, course, found, healthy, one


def test_a_healthy_training_has_the_four_good_signs_and_no_warning():
    diagnosis = examine(healthy())
    good = {f.title for f in diagnosis.findings if f.severity == "good"}
    for sign in (
        "Loss falls steadily",
        "R@1, R@5 and R@10 all rise",
        "MRR rises",
        "Val loss stays within 0.3 of train loss",
    ):
        assert sign in good
    assert not [f for f in diagnosis.findings if f.severity in ("warning", "problem")]
    assert diagnosis.summary == "healthy."


def test_the_quick_reference_answers_yes_four_times():
    case_ = healthy()
    for question in ("after epoch 1", "above 1% by epoch 5", "above 10% by epoch 10"):
        assert one(case_, question).title.endswith("YES")
    assert one(case_, "above 30% by epoch 20").title.endswith("EXCELLENT")


def test_the_quick_reference_answers_no_and_says_what_was_needed():
    flat = case(course([6.5] * 12, [6.6] * 12, [0.4] * 12))
    finding = one(flat, "above 1% by epoch 5")
    assert finding.title.endswith("NO")
    assert finding.severity == "warning"
    assert "best so far 0.40%; needed 1.10%" in finding.evidence
    assert not found(flat, "by epoch 20")
    assert one(flat, "after epoch 1").title.endswith("NO")


def test_a_small_gallery_has_to_beat_its_chance_level():
    """Ten per cent of 15 tracks is little more than chance (6.7 %)."""
    small = {"t2a": chance(15, 1), "a2t": chance(15, 1)}
    lucky = case(course(np.linspace(2.7, 2.5, 10), np.linspace(2.7, 2.6, 10), [7.0] * 10), chance=small, n_val=15)
    assert one(lucky, "above 1% by epoch 5").title.endswith("NO")
    warning = one(lucky, "val split is small (15 tracks)")
    assert "6.7 points" in warning.evidence
    assert "R@10 67%" in warning.evidence
    assert not found(healthy(), "val split is small")


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("R@1", 51, "excellent"), ("R@1", 31, "good"), ("R@1", 12, "fair"), ("R@1", 2, "early"),
        ("R@1", 0.1, "no better than chance"),
        ("R@5", 76, "excellent"), ("R@5", 61, "good"), ("R@5", 59, "fair"),
        ("R@10", 86, "excellent"), ("R@10", 71.5, "good"), ("R@10", 60, "fair"),
        ("MRR", 0.71, "excellent"), ("MRR", 0.51, "good"), ("MRR", 0.31, "decent"), ("MRR", 0.2, "early"),
        ("median_rank", 1, "excellent"), ("median_rank", 4, "excellent"), ("median_rank", 9, "good"),
        ("median_rank", 19, "acceptable"), ("median_rank", 40, "fair"), ("median_rank", 51, "needs more training"),
    ],
)  # fmt: skip
def test_bands_are_the_guides_for_a_large_gallery(key, value, name):
    assert band(key, value, HUGE["t2a"]) == name


def test_bands_are_as_hard_to_reach_by_luck_in_a_small_gallery():
    small = chance(15, 1)
    assert band("R@10", 75, HUGE["t2a"]) == "good"
    assert band("R@10", 75, small) == "early"
    assert band("R@10", 66, small) == "no better than chance"
    assert band("median_rank", 4, HUGE["t2a"]) == "excellent"
    assert band("median_rank", 3, small) == "fair"
    assert band("median_rank", 8, small) == "needs more training"
    assert band("median_rank", 1, small) == "excellent"
    assert band("R@10", 100, chance(5, 1)) == "certain by chance"


def test_losses_are_read_against_their_chance_level():
    assert as_in_guide(math.log(32), math.log(32), 0.05) == pytest.approx(3.4657, abs=1e-4)
    assert loss_band(3.48, math.log(32), 0.05) == "near chance"
    assert loss_band(3.48, math.log(10_000), 0.05) == "learning"
    assert loss_band(0.9, math.log(32), 0.05) == "strong alignment"
    assert loss_band(0.4, math.log(32), 0.05) == "excellent"


def test_the_result_is_told_with_bands_and_the_harmonic_mean_rank():
    finding = one(healthy(), "Val t2a R@1 is good")
    assert "harmonic mean rank of 1." in finding.evidence
    assert "chance 6.908" in finding.evidence


def test_a_first_epoch_near_random_is_normal():
    first = case(course([3.50 * LEVEL / math.log(32)], [3.48 * LEVEL / math.log(32)], [0.22]))
    finding = one(first, "As expected for epoch 1")
    assert finding.severity == "good"
    assert (
        "epoch 1: train loss 3.50 (2.8–4.2), val loss 3.48 (2.8–4.2), R@1 0.1% (0–5%), "
        "R@5 -0.1% (no better than chance), MRR 0.01 (0–0.05)" in finding.evidence
    )
    assert "scale of a batch of 32" in finding.evidence


@pytest.mark.parametrize(
    ("epochs", "r1", "title"),
    [
        (8, 9.0, "As expected for epochs 5–10"),
        (8, 2.0, "Behind what is usual for epochs 5–10"),
        (18, 60.0, "Ahead of epochs 15–20"),
        (12, 12.0, "As expected for epochs 5–10"),
        (40, 80.0, "As expected for epochs 15–20"),
    ],
)
def test_each_stage_is_held_against_what_is_usual(epochs, r1, title):
    losses = np.linspace(LEVEL, 0.5 * LEVEL, epochs)
    assert found(case(course(losses, losses, np.linspace(0, r1, epochs))), title)


def test_every_milestone_that_was_passed_is_shown_and_half_way_it_says_whether_it_is_on_track():
    evidence = one(healthy(), "epochs 15–20").evidence
    assert [part.split(":")[0] for part in evidence.split("; ")[:3]] == ["epoch 1", "epoch 10", "epoch 20"]
    losses = np.linspace(LEVEL, 0.5 * LEVEL, 10)
    for r1, said in ((14.0, "On track for an R@1 above 30 % by epoch 20."), (6.0, "")):
        assert one(case(course(losses, losses, np.linspace(0, r1, 10))), "epochs 5–10").advice == said


def test_a_val_loss_far_above_the_train_loss_is_overfitting():
    losses = np.linspace(LEVEL, 1.0, 12)
    far = case(course(losses, losses + np.linspace(0, 3, 12), np.linspace(0, 20, 12)))
    assert one(far, "far above train loss").severity == "warning"
    near = case(course(losses, losses + np.linspace(0, 0.8, 12), np.linspace(0, 20, 12)))
    assert one(near, "somewhat above train loss").severity == "note"


@pytest.mark.parametrize("candidates", [32, 182, 1000, 50_000])
def test_the_guides_own_example_of_overfitting_is_overfitting_over_any_number_of_candidates(candidates):
    """Train 0.5 against val 2.0: a difference of two losses over the same candidates needs no scale."""
    level = math.log(candidates)
    guide = case(course(np.linspace(level, 0.5, 12), np.linspace(level, 2.0, 12), np.linspace(0, 20, 12)))
    assert one(guide, "far above train loss").severity == "warning"


def test_a_gap_that_closed_forms_make_is_no_overfitting():
    losses = np.linspace(LEVEL, 1.0, 12)
    far = case(course(losses, losses + np.linspace(0, 3, 12), np.linspace(0, 20, 12)))
    assert "dropout" in one(far, "far above train loss").advice
    beside = replace(far, closed_form_weight=0.7)
    closed = one(beside, "as it always is with closed forms")
    assert closed.severity == "note"
    assert "closed forms have 70% of the weight" in closed.evidence
    assert not found(beside, "overfitting")
    assert not found(beside, "more training data")


def test_val_up_while_train_goes_down_says_stop():
    turned = case(course(np.linspace(6, 1, 12), TURNED, [0, 5, 9, 12, 11, 10, 9, 9, 8, 8, 7, 7]))
    finding = one(turned, "do not train longer")
    assert finding.severity == "warning"
    assert "since epoch 4" in finding.evidence
    assert not found(turned, "still rising")
    assert not found(healthy(), "do not train longer")


def test_val_loss_up_with_better_ranking_is_no_warning():
    confident = case(course(np.linspace(6, 1, 12), TURNED, np.linspace(0, 30, 12)))
    assert one(confident, "overconfident, not worse").severity == "note"


def test_a_stuck_loss_that_swings_means_the_learning_rate_is_too_high():
    swinging = [6.6, 6.9, 6.5, 6.8, 6.6, 6.9, 6.5, 6.8, 6.6]
    finding = one(case(course(swinging, swinging, [0.3] * 9)), "not decreasing after epoch 5")
    assert finding.severity == "problem"
    assert "too high" in finding.title
    assert f"lr = {TrainConfig().lr / 3:.2g}" in finding.advice


def test_a_stuck_loss_with_huge_gradients_means_the_learning_rate_is_too_high():
    losses = np.linspace(6.6, 6.59, 9)
    assert "too high" in one(case(course(losses, losses, [0.3] * 9, grad_norm=80.0)), "not decreasing").title


def test_a_stuck_loss_that_creeps_means_the_learning_rate_is_too_low():
    creeping = np.linspace(6.9, 6.88, 9)
    finding = one(case(course(creeping, creeping, [0.3] * 9)), "not decreasing after epoch 5")
    assert "too low" in finding.title
    assert f"lr = {TrainConfig().lr * 3:.2g}" in finding.advice
    assert not found(healthy(), "not decreasing")


def test_jagged_curves_ask_for_a_lower_learning_rate():
    losses = np.linspace(6, 3, 12) + 1.2 * (np.arange(12) % 2)
    assert one(case(course(losses, losses, np.linspace(0, 20, 12))), "Jagged").severity == "warning"
    assert not found(healthy(), "Jagged")
    assert jaggedness([3, 2, 1]) == 0.0
    assert jaggedness([1, 2, 1, 2]) == pytest.approx(2 / 3)
    assert jaggedness([1, 1]) == 0.0


def test_an_early_plateau_asks_for_more_data():
    r1 = [1, 4, 7, 9, 10, 10, 10, 10, 10, 10, 10, 10]
    flat = case(course(np.linspace(6, 2, 12), np.linspace(6, 4, 12), r1), n_train=300)
    finding = one(flat, "more training data")
    assert "300 training tracks" in finding.evidence
    excellent = [10, 30, 60, 70, *[70] * 8]
    assert not found(case(course(np.linspace(6, 2, 12), np.linspace(6, 4, 12), excellent)), "more training data")
    assert not found(healthy(), "more training data")


def test_rising_to_the_end_asks_for_thirty_to_forty_epochs():
    rising = case(course(np.linspace(6, 3, 20), np.linspace(6, 3.2, 20), np.linspace(0, 25, 20)))
    finding = one(rising, "train longer")
    assert finding.advice == "Train 30–40 epochs."
    assert finding.command == "antiphon train --encoder muq --resume --epochs 40"
    stopped = case(rising.history, config=TrainConfig(epochs=60))
    assert not found(stopped, "train longer")


def test_a_level_end_does_not_count_as_rising():
    level = [*np.linspace(0, 5, 12), *[5.524861878453039] * 8]
    assert not found(case(course(np.linspace(6, 3, 20), np.linspace(6, 4, 20), level)), "train longer")


def test_a_level_loss_says_that_training_is_complete():
    losses = [*np.linspace(6, 2, 14), *[2.0] * 6]
    level = case(course(losses, losses, [*np.linspace(0, 40, 14), *[39.0] * 6]))
    assert "complete" in one(level, "level for five epochs").title
    assert not found(case(course(np.linspace(6, 3, 20), np.linspace(6, 3.2, 20), np.linspace(0, 25, 20))), "level")


def test_a_collapsed_space_is_a_problem_and_comes_first():
    history = course([LEVEL] * 5, [LEVEL] * 5, [0.0] * 5)
    worst = {"R@1": 0.0, "R@5": 0.0, "R@10": 0.0, "MRR": 1 / N, "median_rank": float(N)}
    collapsed = case(tuple(replace(r, val={"t2a": worst, "a2t": worst}) for r in history))
    diagnosis = examine(collapsed)
    assert "collapsed" in diagnosis.findings[0].title
    assert "something is wrong" in diagnosis.summary
    assert not found(healthy(), "collapsed")


@pytest.mark.parametrize(("value", "name"), [(0.01, "lower"), (0.5, "upper")])
def test_a_temperature_at_its_bound_is_named(value, name):
    bound = case(tuple(replace(r, temperature=value) for r in healthy().history))
    assert one(bound, f"its {name} bound").severity == "warning"
    assert not found(healthy(), " bound")


@pytest.mark.parametrize("lr", [0.03, 5.0, 10.0])
def test_a_very_high_learning_rate_is_never_called_too_low(lr):
    losses = np.linspace(6.6, 6.59, 9)
    stuck = one(case(course(losses, losses, [0.3] * 9), config=TrainConfig(lr=lr)), "not decreasing")
    assert "too high" in stuck.title
    assert float(stuck.advice.split("lr = ")[1].split()[0]) <= 0.03


def test_advice_stays_within_what_the_settings_take():
    assert another_lr(2e-8, 1 / 3) == 1e-8
    assert another_lr(9.0, 3) == 10.0


def test_a_loss_above_chance_means_the_learning_rate_is_too_high():
    losses = np.linspace(1.2 * LEVEL, 1.19 * LEVEL, 9)
    assert "too high" in one(case(course(losses, losses, [0.3] * 9)), "not decreasing").title


def test_of_findings_about_the_learning_rate_the_worst_speaks_alone():
    swinging = [LEVEL + x for x in (0, 0.3, -0.1, 0.2, 0, 0.3, -0.1, 0.2, 0)]
    told = examine(case(course(swinging, swinging, [0.1] * 9))).findings
    assert sum("lr = " in finding.advice for finding in told) == 1


def test_the_headline_follows_the_lines_below_it():
    flat = [0.02] * 9
    blind = examine(case(course(np.linspace(6.6, 3, 9), np.linspace(6.6, 3.1, 9), flat)))
    assert any("no better than chance" in finding.title for finding in blind.findings)
    assert "works" not in blind.summary
    assert blind.summary.startswith(("something is wrong", "one warning", "2 warnings", "3 warnings", "4 warnings"))

"""The training doctor on made-up histories: each finding appears where it should, and not where it should not."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hidden_meaning import make_library

from antiphon.align.config import TrainConfig
from antiphon.align.history import MEASURES, EpochRecord
from antiphon.align.train import train
from antiphon.errors import LibraryError
from antiphon.evaluate.bands import as_in_guide, band, loss_band
from antiphon.evaluate.curves import jaggedness
from antiphon.evaluate.diagnose import diagnose, examine
from antiphon.evaluate.findings import Case, Finding
from antiphon.metrics.retrieval import chance

N = 1000
LEVEL = math.log(N)
TURNED = [6, 5, 4.5, 4, 4.2, 4.5, 4.8, 5, 5.2, 5.4, 5.6, 5.8]
HUGE = {"t2a": chance(N, 1), "a2t": chance(N, 1)}


def record(epoch, train_loss, val_loss, r1, **changes):
    mrr = min(1.0, 0.01 + r1 / 100 * 1.2)
    figures = dict(zip(MEASURES, (r1, min(100, 1.6 * r1), min(100, 1.9 * r1), mrr, max(1, 60 - r1)), strict=True))
    values = {
        "epoch": epoch,
        "train_loss": train_loss,
        "val_loss": val_loss,
        "loss_chance": LEVEL,
        "step_loss": train_loss,
        "val": {"t2a": figures, "a2t": dict(figures)},
        "lr": 1e-3,
        "temperature": 0.05,
        "grad_norm": 0.5,
        "steps": 24,
        "seconds": 1.0,
        "pairs_per_second": 1e4,
        **changes,
    }
    return EpochRecord(**values)


def course(train_losses, val_losses, r1s, **changes):
    columns = zip(train_losses, val_losses, r1s, strict=True)
    return tuple(record(i, t, v, r, **changes) for i, (t, v, r) in enumerate(columns, start=1))


def case(history, **changes):
    values = {"encoder": "muq", "history": history, "chance": HUGE, "n_val": N, "n_train": 5000, **changes}
    return Case(**values)


def healthy(epochs=20, **changes):
    """The guide's own course: R@1 from 0.2 to 45 %, level at the end."""
    x = np.linspace(0, 1, epochs)
    losses = LEVEL * (0.18 + 0.82 * np.exp(-6 * x))
    return case(course(losses, losses + 0.1, 45 * (1 - np.exp(-6 * x)) - 0.001 * (x == 1) + 0.2), **changes)


def found(case_, part) -> list[Finding]:
    return [f for f in examine(case_).findings if part in f.title]


def one(case_, part) -> Finding:
    (finding,) = found(case_, part)
    return finding


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
    assert band("R@10", 100, chance(5, 1)) == "excellent"


def test_losses_are_read_against_their_chance_level():
    assert as_in_guide(math.log(32), math.log(32)) == pytest.approx(3.4657, abs=1e-4)
    assert loss_band(3.48, math.log(32)) == "near chance"
    assert loss_band(3.48, math.log(10_000)) == "learning"
    assert loss_band(0.9, math.log(32)) == "strong alignment"
    assert loss_band(0.4, math.log(32)) == "excellent"


def test_the_result_is_told_with_bands_and_the_harmonic_mean_rank():
    finding = one(healthy(), "Val R@1 is good")
    assert "harmonic mean rank of 1." in finding.evidence
    assert "chance 6.908" in finding.evidence


def test_a_first_epoch_near_random_is_normal():
    first = case(course([3.50 * LEVEL / math.log(32)], [3.48 * LEVEL / math.log(32)], [0.22]))
    finding = one(first, "As expected for epoch 1")
    assert finding.severity == "good"
    assert "3.48 on the scale of a batch of 32" in finding.evidence


@pytest.mark.parametrize(
    ("epochs", "r1", "title"),
    [
        (8, 9.0, "As expected for epochs 5–10"),
        (8, 2.0, "Behind what is usual for epochs 5–10"),
        (18, 60.0, "Ahead of epochs 15–20"),
    ],
)
def test_each_stage_is_held_against_what_is_usual(epochs, r1, title):
    losses = np.linspace(LEVEL, 0.5 * LEVEL, epochs)
    assert found(case(course(losses, losses, np.linspace(0, r1, epochs))), title)


def test_a_val_loss_far_above_the_train_loss_is_overfitting():
    losses = np.linspace(LEVEL, 1.0, 12)
    far = case(course(losses, losses + np.linspace(0, 3, 12), np.linspace(0, 20, 12)))
    assert one(far, "far above train loss").severity == "warning"
    near = case(course(losses, losses + np.linspace(0, 1.2, 12), np.linspace(0, 20, 12)))
    assert one(near, "somewhat above train loss").severity == "note"


def test_val_up_while_train_goes_down_says_stop():
    turned = case(course(np.linspace(6, 1, 12), TURNED, [0, 5, 9, 12, 11, 10, 9, 9, 8, 8, 7, 7]))
    finding = one(turned, "do not train longer")
    assert finding.severity == "warning"
    assert "since epoch 4" in finding.evidence
    assert not found(turned, "still rising")
    assert not found(healthy(), "do not train longer")


def test_val_loss_up_with_better_ranking_is_no_warning():
    confident = case(course(np.linspace(6, 1, 12), TURNED, np.linspace(0, 30, 12)))
    assert one(confident, "more confident, not worse").severity == "note"


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
    assert finding.advice == "Give it 30–40 epochs."
    assert finding.command == "antiphon train --encoder muq --epochs 40"
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


@pytest.mark.parametrize(("value", "name"), [(0.01, "temperature_min"), (0.5, "temperature_max")])
def test_a_temperature_at_its_bound_is_named(value, name):
    bound = case(tuple(replace(r, temperature=value) for r in healthy().history))
    assert one(bound, f"its bound {name}").severity == "warning"
    fixed = replace(bound, config=TrainConfig(learn_temperature=False))
    assert not found(fixed, "its bound")
    assert not found(healthy(), "its bound")


def figures_of_test(low, *, gain=(0.01, 0.1), warnings=()):
    figures = {"MRR": 0.3, "ci95": {"MRR": [low, 0.4]}, "chance": {"MRR": 0.1}}
    difference = {"difference": sum(gain) / 2, "ci95": list(gain), "p": 0.03}
    closed = {"t2a": figures, "a2t": figures, "training_minus_baseline": {"mean": {"MRR": difference}}}
    return {"t2a": figures, "a2t": figures, "baselines": {"cca": closed}, "warnings": list(warnings)}


def test_a_test_result_at_chance_is_a_problem():
    assert one(healthy(test=figures_of_test(0.05)), "Test t2a retrieval is not distinguishable").severity == "problem"
    assert not found(healthy(test=figures_of_test(0.2)), "not distinguishable")


@pytest.mark.parametrize(
    ("gain", "title", "severity"),
    [
        ((0.01, 0.1), "Training beats the closed-form baselines", "good"),
        ((-0.05, 0.1), "Training does not measurably beat a closed form", "warning"),
        ((-0.2, -0.1), "Training is worse than a closed form", "warning"),
    ],
)
def test_baselines_are_named_by_what_the_interval_says(gain, title, severity):
    assert one(healthy(test=figures_of_test(0.2, gain=gain)), title).severity == severity


def test_a_leak_into_the_test_split_is_a_problem():
    leak = healthy(test=figures_of_test(0.2, warnings=["9 of these 60 test tracks were trained on: …"]))
    assert one(leak, "About the test figures").severity == "problem"
    harmless = healthy(
        test=figures_of_test(0.2, warnings=["splits changed, but no track of this split was trained on."])
    )
    assert one(harmless, "About the test figures").severity == "note"


def test_without_a_test_result_the_next_command_is_evaluate():
    finding = one(healthy(library="/music"), "test split has not been looked at")
    assert finding.command == "antiphon evaluate checkpoints/muq_best_r1.pt --library /music"
    assert not found(healthy(test=figures_of_test(0.2)), "has not been looked at")


def test_each_checkpoint_is_named_with_its_use():
    evidence = one(healthy(), "For search use muq_best_r1.pt").evidence
    for part in ("muq_best_loss.pt: epoch", "muq_last.pt: epoch 20", "--resume"):
        assert part in evidence


def test_without_a_val_split_it_says_so():
    blind = tuple(replace(r, val=None, val_loss=None) for r in healthy().history)
    assert one(case(blind), "no val split").severity == "warning"


def test_findings_are_ordered_and_printed_with_their_command():
    diagnosis = examine(healthy(test=figures_of_test(0.05)))
    order = ["problem", "warning", "note", "good"]
    places = [order.index(f.severity) for f in diagnosis.findings]
    assert places == sorted(places)
    text = "\n".join(diagnosis.lines())
    assert "✗ Test t2a retrieval" in text
    assert "→ antiphon index checkpoints/muq_best_r1.pt" in text
    assert json.loads(json.dumps(diagnosis.to_dict()))["findings"][0]["severity"] == "problem"


def test_a_real_training_is_diagnosed_from_its_files(tmp_path):
    make_library(tmp_path)
    small = TrainConfig(epochs=3, dim=16, hidden=32, epoch_steps=8, precision="float32", device="cpu")
    train(tmp_path, "clear", config=small)
    diagnosis = diagnose(tmp_path, "clear")
    assert diagnosis.epochs == 3
    small_val = next(f for f in diagnosis.findings if "val split is small (40 tracks)" in f.title)
    assert "R@1 is 2.5%" in small_val.evidence
    assert any("test split has not been looked at" in f.title for f in diagnosis.findings)


def test_an_encoder_that_was_not_trained_is_refused(tmp_path):
    make_library(tmp_path)
    with pytest.raises(LibraryError, match=r"'mert' was not trained .* \(trained: none\)"):
        diagnose(tmp_path, "mert")

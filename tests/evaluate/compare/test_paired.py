"""The encoder table on libraries where the truth is known."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.train import train
from antiphon.errors import CheckpointError, LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare import paired
from antiphon.evaluate.compare.award import award
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.compare.queries.in_common import in_common
from antiphon.evaluate.compare.row import HEADINGS, Row
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.split_vectors import Splits
from antiphon.layout import Layout
from tests.helpers.libraries.made_vectors import COMPARED, make_library, write_vectors

SMALL = TrainConfig(epochs=4, dim=16, hidden=32, epoch_steps=8, precision="float32", device="cpu")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """One encoder that hears the meaning, one that hears mostly noise."""
    folder = tmp_path_factory.mktemp("compare")
    make_library(
        folder, **COMPARED, names=("clear", "noisy"), noise=(0.3, 6.0), layout=(Layout.flat(24), Layout.flat(40))
    )
    for name in ("clear", "noisy"):
        train(folder, name, config=SMALL)
    return folder


@pytest.fixture(scope="module")
def found(root):
    return compare(root, resamples=200)


def row(found, name):
    return next(r for r in found.rows if r.name == name)


def test_every_encoder_has_a_row_beside_its_closed_form_and_chance(found):
    names = {r.name for r in found.rows}
    assert {"clear", "noisy"} < names
    assert len(found.rows) == 4
    headings, rows = found.table()
    assert headings == HEADINGS
    assert {len(r) for r in rows} == {len(HEADINGS)}
    assert rows[-1][0] == "chance"


def test_of_a_large_val_split_closed_forms_see_a_part_and_it_is_said(root, monkeypatch):
    monkeypatch.setattr(paired, "CHOSEN_ON", 15)
    notes = compare(root, resamples=100).notes
    n_val = len(Splits(root).library.tracks_in("val"))
    assert notes == (f"Settings of closed forms were chosen on 15 of the {n_val:,} val tracks.",)


def test_figures_equal_those_of_evaluate(root, found):
    alone = evaluate(root, root / "checkpoints" / "clear_best_r1.pt", baselines=False, resamples=200)
    for way in ("t2a", "a2t"):
        assert row(found, "clear").figures[way] == alone[way]


def test_the_encoder_that_hears_more_wins_and_the_test_says_so(found):
    assert [r.name for r in found.trained] == ["clear", "noisy"]
    (test,) = found.tests
    assert (test["better"], test["worse"]) == ("clear", "noisy")
    assert test["MRR"]["ci95"][0] > 0
    assert test["p_holm"] < 0.05
    assert row(found, "clear").best_for[0] == "retrieval in general"
    assert any("clear is significantly better than noisy" in line for line in found.lines())


def test_sizes_and_times_are_measured(found):
    clear, noisy = row(found, "clear"), row(found, "noisy")
    assert (clear.audio_dim, clear.bytes_per_track) == (24, 48)
    assert noisy.bytes_per_track == 80
    assert clear.training_seconds > 0
    assert clear.search_ms_100k > 0
    assert clear.parameters > 1000


def test_files_are_written_and_agree(root, found):
    found.write(root)
    rows = list(csv.DictReader(io.StringIO((root / "comparison.csv").read_text())))
    assert [r["name"] for r in rows] == [r.name for r in found.rows]
    assert float(rows[0]["MRR"]) == pytest.approx(found.rows[0].mean("MRR"))
    assert float(rows[0]["t2a_R@1"]) == found.rows[0].figures["t2a"]["R@1"]
    data = json.loads((root / "comparison.json").read_text())
    assert data["tests"][0]["better"] == "clear"
    page = (root / "comparison.md").read_text()
    assert "| clear |" in page
    assert "# Differences of MRR" in page
    assert "| clear | noisy | +" in page
    assert "Protocol: t2a" in page


def test_only_tracks_that_all_encoders_know_are_compared(tmp_path):
    """The second encoder lacks ten test tracks: both are judged without them."""
    library = make_library(tmp_path, **COMPARED, names=("one",))
    vectors = np.random.default_rng(0).standard_normal((150, 16))
    write_vectors(tmp_path, "audio", "two", list(library.column("track_id"))[:-10], vectors)
    for name in ("one", "two"):
        train(tmp_path, name, config=replace(SMALL, epochs=1))
    found = compare(tmp_path, baselines=False, resamples=50)
    assert (found.n_tracks, found.n_captions) == (50, 75)
    assert {r.figures["t2a"]["n_items"] for r in found.rows} == {50}
    assert any("two: Left out of the split: 10 tracks" in w for w in found.warnings)


def test_a_warning_about_all_of_them_is_said_once(tmp_path):
    make_library(tmp_path, **{**COMPARED, "test": 15}, names=("one", "two"))
    for name in ("one", "two"):
        train(tmp_path, name, config=replace(SMALL, epochs=1))
    said = [warning for warning in compare(tmp_path, baselines=False, resamples=20).warnings if "15 tracks" in warning]
    assert len(said) == 1
    assert said[0].startswith("Only 15 tracks")


def test_spaces_are_brought_into_one_order(root):
    bundle = Bundle.load(root / "checkpoints" / "clear_best_r1.pt")
    space = Splits(root).vectors(bundle, "test")
    pairs = space.pairs
    back = np.arange(len(pairs.track_ids))[::-1]
    turned = replace(
        space,
        audio=space.audio[back],
        clusters=space.clusters[back],
        pairs=replace(
            pairs,
            track_ids=pairs.track_ids[back],
            audio=pairs.audio[back],
            track_of_caption=len(back) - 1 - pairs.track_of_caption,
        ),
    )
    a, b = in_common([space, turned])
    np.testing.assert_array_equal(a.ranked["t2a"], b.ranked["t2a"])
    np.testing.assert_array_equal(a.ranked["a2t"], b.ranked["a2t"])
    np.testing.assert_array_equal(a.clusters, b.clusters)


def test_nothing_in_common_is_an_error(root):
    space = Splits(root).vectors(Bundle.load(root / "checkpoints" / "clear_best_r1.pt"), "test")
    other = replace(space, pairs=replace(space.pairs, track_ids=space.pairs.track_ids + "x"))
    with pytest.raises(LibraryError, match="no described track in common"):
        in_common([space, other])


def test_nothing_trained_is_an_error(tmp_path):
    make_library(tmp_path, **COMPARED, names=("clear",))
    with pytest.raises(CheckpointError, match="no trained checkpoint"):
        compare(tmp_path)


def made_row(name, mrr, *, r1=30.0, r10=60.0, t2a=None, size=1000, **changes):
    def figures(value):
        chance = {"R@1": 1.0, "R@5": 5.0, "R@10": 10.0, "MRR": 0.05, "median_rank": 50.0}
        return {"R@1": r1, "R@5": 50.0, "R@10": r10, "MRR": value, "median_rank": 4.0, "chance": chance}

    t2a = mrr if t2a is None else t2a
    values = {"kind": "trained", "encoder": name, "audio_dim": size, "bytes_per_track": 2 * size, **changes}
    return Row(
        name=name, figures={"t2a": figures(t2a), "a2t": figures(2 * mrr - t2a)}, shared_bytes_per_track=4, **values
    )


def made(rows, p):
    tests = [
        {"better": a.name, "worse": b.name, "MRR": {"difference": 0.1, "ci95": [0.01, 0.2], "p": p}, "p_holm": p}
        for i, a in enumerate(rows)
        for b in rows[i + 1 :]
    ]
    trained = tuple(rows)
    return award(Comparison(split="test", n_tracks=9, n_captions=9, rows=trained, tests=tuple(tests)))


def test_the_smallest_encoder_within_noise_is_named():
    rows = [made_row("big", 0.6, size=76_800), made_row("small", 0.55, size=576)]
    near = made(rows, p=0.4)
    assert row(near, "big").best_for == ("retrieval in general, not significantly ahead of small",)
    assert row(near, "small").best_for == ("small vectors, not measurably worse than the best",)
    far = made(rows, p=0.001)
    assert row(far, "big").best_for == ("retrieval in general",)
    assert row(far, "small").best_for == ("the smallest vectors",)


def test_nobody_is_crowned_over_a_baseline_that_is_surely_better():
    rows = (made_row("big", 0.6), made_row("small", 0.4, size=9))
    tests = (
        {"better": "big", "worse": "small", "MRR": {"difference": 0.2, "ci95": [0.1, 0.3], "p": 0.01}, "p_holm": 0.01},
    )
    lost = {"difference": -0.1, "ci95": [-0.2, -0.05], "p": 0.01}
    level = {"difference": -0.1, "ci95": [-0.2, 0.05], "p": 0.2}
    for gain, title in (
        (lost, "retrieval of what was trained; big cca retrieves better"),
        (level, "retrieval in general"),
    ):
        against = ({"trained": "big", "baseline": "big cca", "MRR": gain},)
        found = Comparison(split="test", n_tracks=9, n_captions=9, rows=rows, tests=tests, baseline_tests=against)
        assert row(award(found), "big").best_for[0] == title


def test_what_is_worth_its_size_is_named():
    rows = [
        made_row("best", 0.6, size=76_800),
        made_row("middle", 0.55, size=1536),
        made_row("no use", 0.5, size=2000),
        made_row("small", 0.45, size=576),
    ]
    given = made(rows, p=0.001)
    assert row(given, "best").best_for == ("retrieval in general",)
    assert row(given, "middle").best_for == ("a balance of quality and size",)
    assert row(given, "no use").best_for == ()
    assert row(given, "small").best_for == ("the smallest vectors",)


def ahead(by, p):
    return {"difference": by, "ci95": sorted([0.5 * by, 1.5 * by]), "p": p}


@pytest.mark.parametrize(
    ("p", "titles"),
    [(0.001, ("long answer lists (R@10)", "searching in words (t2a)")), (0.02, ())],
)
def test_titles_go_to_those_who_are_surely_ahead_in_one_figure(p, titles):
    """0.02 is significant alone, and not among the four figures that are looked at."""
    rows = (made_row("first", 0.6, t2a=0.6), made_row("second", 0.55, r10=70.0, t2a=0.65, size=9999))
    figures = {"MRR": ahead(0.05, 0.001), "R@1": ahead(0.1, 0.9), "R@10": ahead(-10, p)}
    each_way = {"t2a_MRR": ahead(-0.05, p), "a2t_MRR": ahead(0.1, p)}
    test = {"better": "first", "worse": "second", **figures, **each_way, "p_holm": 0.001}
    found = award(Comparison(split="test", n_tracks=9, n_captions=9, rows=rows, tests=(test,)))
    assert row(found, "second").best_for == titles


def test_who_is_surely_ahead_in_a_slice_is_best_for_it():
    rows = (made_row("first", 0.6), made_row("second", 0.55, size=9999))
    test = {"better": "first", "worse": "second", "MRR": ahead(0.05, 0.001), "p_holm": 0.001}
    inside = {"slice": "jazz", "against_leader": {"second": {"difference": 0.1, "p": 0.001, "p_holm": 0.004}}}
    chance = {"slice": "rock", "against_leader": {"second": {"difference": 0.1, "p": 0.02, "p_holm": 0.08}}}
    for each in (inside, chance):
        rest = {"difference": 0.0, "p": 1.0, "p_holm": 1.0}
        each |= {"tracks": 30, "captions": 60, "MRR": {"first": 0.4, "second": 0.5}, "rest": 0.6, "against_rest": rest}
    slices = {"by": "genre", "systems": ["first", "second"], "slices": [inside, chance], "too_small": 1}
    found = award(Comparison(split="test", n_tracks=9, n_captions=9, rows=rows, tests=(test,), slices=slices))
    assert row(found, "second").best_for == ("genre jazz",)
    said = found.lines()
    assert "On genre jazz second is better than first: MRR +0.100 (p = 0.004)." in said
    assert "All else by genre may be chance (4 tests, Holm's correction)." in said
    assert any(line.startswith("Not shown: 1 slice by genre") for line in said)


@pytest.mark.parametrize(
    ("gain", "interval", "p", "said"),
    [
        (0.01, [-0.02, 0.04], 0.5, "Training does not measurably beat its baseline: muq."),
        (-0.05, [-0.09, -0.01], 0.01, "Training is worse than its baseline: muq."),
        (0.02, [0.01, 0.04], 0.01, None),
    ],
)
def test_a_closed_form_that_was_not_beaten_is_named(gain, interval, p, said):
    gain = {"difference": gain, "ci95": interval, "p": p}
    closed = made_row("muq cca", 0.5, kind="baseline", encoder="muq")
    tests = ({"trained": "muq", "baseline": "muq cca", "MRR": gain},)
    rows = (made_row("muq", 0.51), closed)
    found = award(Comparison(split="test", n_tracks=9, n_captions=9, rows=rows, baseline_tests=tests))
    lost = "; muq cca retrieves better" if said and "worse" in said else ""
    assert row(found, "muq").best_for == (f"the only one trained here{lost}",)
    assert [line for line in found.lines()[1:] if "Training" in line] == ([said] if said else [])


def test_a_joined_and_a_fused_training_share_their_closed_form(tmp_path):
    make_library(tmp_path, **COMPARED, names=("clear", "noisy"), noise=(0.3, 6.0))
    for name in ("clear", "noisy", "clear+noisy"):
        train(tmp_path, name, config=replace(SMALL, epochs=1))
    fuse(tmp_path, ["clear", "noisy"])
    found = compare(tmp_path, resamples=50)
    closed = [r.name for r in found.rows if r.kind == "baseline"]
    assert sorted(name.split()[0] for name in closed) == ["clear", "clear+noisy", "noisy"]
    shared = next(name for name in closed if name.startswith("clear+noisy"))
    against = {test["trained"]: test for test in found.baseline_tests if test["baseline"] == shared}
    assert set(against) == {"clear+noisy", "clear,noisy"}
    for name, test in against.items():
        gain = row(found, name).mean("MRR") - row(found, shared).mean("MRR")
        assert test["MRR"]["difference"] == pytest.approx(gain)

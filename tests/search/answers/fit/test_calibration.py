"""How well answers fit: what a calibration says, and what keeps it from saying anything."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.search.answers.fit.calibrating import threshold
from antiphon.search.answers.fit.calibration import Calibration, nearness, path_of, read_calibration
from antiphon.search.answers.fit.judging import Judge
from antiphon.search.hits import Hit, Hits

MADE = Calibration(
    known=np.eye(4, dtype=np.float16),
    gone=np.empty((0, 4), np.float16),
    others=-np.eye(4, dtype=np.float16),
    shares=np.float32([0, 0.5, 0.99]),
    scores=np.float32([-0.2, 0.1, 0.4]),
    threshold=0.3,
    taught=2,
    gone_from=-0.1,
    captions=40,
)
VECTORS = "vectors-0123.npy"


class Reader:
    vectors_name = VECTORS

    def read(self, texts: Sequence[str]) -> np.ndarray:
        return np.float32([[1, 1, 1, 0] if "piano" in text else [-1, 0, 0, 0] for text in texts])


def hits(*scores: float) -> Hits:
    return Hits(
        Hit(rank=r, track_id=f"t{r}", score=s, title=f"Title {r}", artist="Sigur Rós", path="", by="x")
        for r, s in enumerate(scores, start=1)
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "index").mkdir()
    MADE.write(path_of(tmp_path, VECTORS))
    return tmp_path


def test_a_calibration_is_read_as_it_was_written_and_a_damaged_one_says_nothing(root: Path) -> None:
    path = path_of(root, VECTORS)
    found = read_calibration(path)
    assert found is not None
    assert (found.threshold, found.captions) == (MADE.threshold, MADE.captions)
    np.testing.assert_array_equal(found.known, MADE.known)
    for damaged in (b"", b"no archive", path.read_bytes()[:100]):
        path.write_bytes(damaged)
        assert read_calibration(path) is None
        assert Judge(root, Reader()).remarks("tax law", hits(0.3)) == []
    MADE.write(path)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for place in rng.integers(len(whole), size=100).tolist():
        path.write_bytes(whole[:place] + bytes([int(rng.integers(256))]) + whole[place + 1 :])
        read_calibration(path)


def test_a_calibration_from_before_captions_were_remembered_still_judges(root: Path) -> None:
    path = path_of(root, VECTORS)
    with np.load(path) as found:
        older = {name: found[name] for name in found.files if name not in ("gone", "taught", "gone_from")}
    np.savez(path, **(older | {"format": np.int64(2)}))
    judge = Judge(root, Reader())
    assert "other things" in judge.remarks("value added tax", hits(0.3))[0]
    assert "above 50 %" in judge.remarks("piano", judge.marked(hits(0.3)))[0]
    np.savez(path, **(older | {"format": np.int64(4)}))
    os.utime(path, ns=(1, 1))  # of one size, and perhaps of one tick of the clock that stamps files
    assert Judge(root, Reader()).calibration is None


def test_a_score_is_better_than_the_share_that_was_seen_below_it() -> None:
    assert [MADE.better_than(score) for score in (-1, -0.2, 0, 0.2, 9)] == [0, 0, 0, 50, 99]


def test_a_query_is_of_other_things_where_it_is_nearer_to_texts_of_other_domains() -> None:
    mixed = np.float32([[1, 1, 1, 0], [-1, -1, -1, 0], [1, -1, 0, 0]])
    np.testing.assert_allclose(MADE.margin(mixed), nearness(mixed, np.eye(4)) - nearness(mixed, -np.eye(4)), atol=1e-6)
    assert [MADE.is_of_other_things(row) for row in mixed] == [False, True, True]


def test_a_query_is_for_music_that_left_where_its_captions_are_nearer_than_those_that_teach(root: Path) -> None:
    left = replace(MADE, gone=np.float16([[0.8, 0, 0.6, 0]]))
    rows = np.float32([[1, 1, 1, 0], [1, 0, 0, 0], [0, 0, 2, 0], [3, 0, 1, 0]])
    slow = [max(row[:2]) / np.linalg.norm(row) - row @ left.gone[0] / np.linalg.norm(row) for row in rows]
    assert [left.is_of_music_that_left(row) for row in rows] == [lead < -0.1 for lead in slow] == [1, 0, 1, 0]
    assert not any(MADE.is_of_music_that_left(row) for row in rows)
    left.write(path_of(root, VECTORS))
    judge, found = Judge(root, Reader()), left.marked(hits(0.3))
    assert "that this library no longer has" in judge.remarks("piano", found)[0]
    assert judge.remarks("piano", found, of_gone=False)[0].startswith("The best answer scores")
    assert "no longer" not in Judge(root, Reader()).remarks("piano, Title 1", left.marked(hits(0.3)))[0]


def test_scores_that_a_bundle_carried_are_said_to_be_of_its_own_library(root: Path) -> None:
    replace(MADE, library="calm-music").write(path_of(root, VECTORS))
    judge = Judge(root, Reader())
    (said,) = judge.remarks("piano", judge.marked(hits(0.3)))
    assert said.endswith("of the tracks that 40 val captions of calm-music's own library are not of.")


def test_nearness_is_the_mean_of_the_nearest_captions_and_never_of_the_text_itself() -> None:
    rng = np.random.default_rng(0)
    known = rng.standard_normal((6, 5)).astype(np.float32)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    without = np.eye(6, dtype=bool)
    for row, found in enumerate(nearness(3 * known, known, without=without)):
        others = sorted((float(known[row] @ known[other]) for other in range(6) if other != row), reverse=True)
        assert found == pytest.approx(np.mean(others[:3]), abs=1e-6)


def test_at_most_one_val_caption_in_twenty_lies_below_the_threshold() -> None:
    near = np.linspace(0, 1, 100, dtype=np.float32)
    assert np.mean(near < threshold(near, np.float32([0.9]))) <= 0.05
    assert threshold(near[50:], np.float32([0.1, 0.1])) == pytest.approx((near[52:55].mean() + 0.1) / 2, abs=0.02)


def test_a_query_of_other_things_is_told_so_and_others_how_well_the_best_fits(root: Path) -> None:
    judge = Judge(root, Reader())
    found = judge.marked(hits(0.3, 0.0))
    assert [hit.better_than for hit in found] == [50, 0]
    assert judge.remarks("piano", found) == [
        "The best answer scores above 50 % of the tracks that 40 val captions are not of."
    ]
    assert "Nothing here may fit" in judge.remarks("value added tax", found)[0]


def test_a_query_that_names_an_artist_is_of_this_library(root: Path) -> None:
    judge = Judge(root, Reader())
    assert "Nothing here" not in judge.remarks("SIGUR  rós", judge.marked(hits(0.3)))[0]


@pytest.mark.parametrize("other", [None, object()])
def test_nothing_is_said_of_what_was_not_calibrated(root: Path, other: object) -> None:
    judge = Judge(root, other)
    assert judge.marked(hits(0.3)) == hits(0.3)
    assert judge.remarks("value added tax", hits(0.3)) == []

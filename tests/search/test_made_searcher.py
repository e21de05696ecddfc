"""A training that no person's caption has taught, searched beside what needs no training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.search.answering import answering
from antiphon.search.hits import Hits
from antiphon.search.made_searcher import MadeSearcher
from antiphon.search.searcher import Searcher
from antiphon.search.zero_shot.ways.made_training import MadeTraining
from tests.helpers.libraries.made_captions import add_made_captions, only_some_captioned
from tests.helpers.libraries.made_vectors import make_library

FAST = TrainConfig(epochs=0, device="cpu")


class Told:
    """A searcher whose scores are given; its index lacks track c and holds one that the library lost."""

    def __init__(self, root: Path) -> None:
        self.library = Library(root)
        self.name = "made_best_r1"
        self.track_ids = np.array(["b", "gone", "a"], object)

    def scores(self, text: str) -> np.ndarray:
        return np.array([0.9, 5.0, 0.1], np.float32) if text == "piano" else np.array([0.1, 5.0, 0.9], np.float32)

    def marked(self, hits: Hits, _text: str) -> Hits:
        return Hits(replace(hit, best_at=10.0 * hit.rank) for hit in hits)

    def remarks(self, _text: str = "") -> list[str]:
        return ["Searched 3 tracks."]


@pytest.fixture
def told(tmp_path: Path) -> Searcher:
    tracks = [Track(track_id=t, title=title) for t, title in zip("abc", ("Piano", "Drums", "Piano"), strict=True)]
    return cast(Searcher, Told(save_library(tmp_path, tracks, [], {}).root))


def test_scores_of_the_index_are_put_on_the_librarys_tracks(told: Searcher) -> None:
    way = MadeTraining(told)
    assert way.known.tolist() == [True, True, False]
    np.testing.assert_allclose(way.scores("piano"), [-1, 1, np.nan], atol=1e-6)


def test_a_name_finds_its_tracks_first_whatever_the_training_scores(told: Searcher) -> None:
    hits = MadeSearcher(told).search("drums", k=3)
    assert (hits[0].track_id, hits[0].by) == ("b", "name")
    assert "name" not in {hit.by for hit in hits[1:]}


def test_the_training_counts_beside_what_needs_none(told: Searcher) -> None:
    searcher = MadeSearcher(told)
    hits = searcher.search("piano", k=3)
    assert [(hit.track_id, hit.by) for hit in hits] == [("c", "name"), ("a", "name"), ("b", "made_best_r1")]
    assert [hit.best_at for hit in hits] == [10.0, 20.0, 30.0]
    (beside,) = searcher.remarks("piano")[1:]
    assert "Nobody has described this music yet" in beside
    assert "antiphon caption --out captions.csv" in beside


def test_what_people_wrote_since_is_said_to_wait_for_a_training(tmp_path: Path) -> None:
    track = Track(track_id="a", title="Piano", split="train")
    caption = Caption(caption_id="a#0", track_id="a", text="Two hands at an old upright")
    library = save_library(tmp_path, [track], [caption], {})
    (beside,) = MadeSearcher(cast(Searcher, Told(library.root))).remarks("piano")[1:]
    assert beside.startswith("What people wrote of 1 track has not been learned yet: ")
    assert f"antiphon embed --library {tmp_path}, then antiphon train --library {tmp_path}" in beside


@pytest.mark.parametrize(("people", "kind"), [(set(), MadeSearcher), ({"t001", "t002"}, Searcher)])
def test_who_answers_depends_on_who_taught(tmp_path: Path, people: set[str], kind: type[Any]) -> None:
    library = only_some_captioned(add_made_captions(make_library(tmp_path)), people)
    result = train(library.root, "made", text="words", config=FAST)
    assert type(answering(library.root)) is kind
    assert type(answering(library.root, result.checkpoints["best_r1"])) is Searcher

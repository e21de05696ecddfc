"""Calibrating an index on the library's own val captions."""

from pathlib import Path

import numpy as np
import pytest

from antiphon.library.tracks import Library
from antiphon.search.answers.fit import calibrating
from antiphon.search.answers.fit.calibrating import calibrate, calibration_of
from antiphon.search.answers.fit.calibration import path_of, read_calibration
from antiphon.search.answers.fit.judging import Judge, ReadsQueries
from antiphon.search.light.opening import light_searcher
from antiphon.search.light.preparing import prepare
from antiphon.search.searcher import Searcher
from tests.helpers.light import make_trained_library


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_trained_library(tmp_path_factory.mktemp("fit"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrating, "FEWEST", 3)
        assert calibrate(Searcher(root)) is not None
    return root


def test_scores_are_those_of_tracks_that_val_captions_are_not_of(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrating, "FEWEST", 3)
    searcher = Searcher(made)
    found = calibration_of(searcher)
    assert found is not None
    library = Library(made)
    split = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    group = dict(zip(library.column("track_id"), library.column("group"), strict=True))
    owner: dict[str, set[str]] = {}
    for track, text in zip(library.caption_column("track_id"), library.caption_column("text"), strict=True):
        owner.setdefault(text, set()).add(track)
    asked = [text for text, tracks in owner.items() if any(split[track] == "val" for track in tracks)]
    pool = [
        score
        for text in asked
        for track, score in zip(searcher.index.track_ids, searcher.scores(text), strict=True)
        if all(group[track] != group[own] or not group[track] for own in owner[text]) and track not in owner[text]
    ]
    np.testing.assert_allclose(found.scores, np.quantile(pool, calibrating.SHARES), atol=1e-5)
    assert found.captions == len(asked)


def test_both_ways_of_searching_read_and_judge_a_query_alike(made: Path) -> None:
    prepare(Searcher(made))
    torch_way, light = Searcher(made), light_searcher(made)
    assert light is not None
    assert isinstance(light, ReadsQueries)
    assert isinstance(torch_way, ReadsQueries)
    np.testing.assert_allclose(light.read("slow sad piano"), torch_way.read("slow sad piano"), atol=1e-4)
    said = [
        judge.remarks("slow sad piano", judge.marked(found))
        for judge, found in ((Judge(made, way), way.search("slow sad piano")) for way in (torch_way, light))
    ]
    assert said[0] == said[1] != []


def test_a_calibration_belongs_to_one_index_and_needs_captions_enough(made: Path) -> None:
    searcher = Searcher(made)
    path = path_of(made, searcher.vectors_name)
    assert read_calibration(path) is not None
    older = path.with_name("fit-older.npz")
    older.touch()
    path.unlink()
    few = calibrating.FEWEST
    try:
        calibrating.FEWEST = 10_000
        assert calibrate(searcher) is None
        assert not path.exists()
        calibrating.FEWEST = 3
        assert calibrate(searcher) is not None
        assert not older.exists()
    finally:
        calibrating.FEWEST = few

"""Calibrating an index on the library's own val captions."""

from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pytest

from antiphon.align.checkpoint.sealed import read_bundle_manifest
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.search.answers.fit import calibrating, music
from antiphon.search.answers.fit import carried as carried_fit
from antiphon.search.answers.fit.calibrating import calibration_of
from antiphon.search.answers.fit.calibration import Calibration, path_of, read_calibration
from antiphon.search.answers.fit.carried import carried
from antiphon.search.answers.fit.gone import FILE, captions_gone
from antiphon.search.answers.fit.judging import Judge, ReadsQueries
from antiphon.search.answers.fit.keeping import calibrate
from antiphon.search.bundle.sealing import seal_checkpoint
from antiphon.search.light.opening import light_searcher
from antiphon.search.light.preparing import prepare
from antiphon.search.searcher import Searcher
from tests.helpers.trained.light import make_trained_library


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
    np.testing.assert_allclose(light.read(["slow sad piano"]), torch_way.read(["slow sad piano"]), atol=1e-4)
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


class Letters:
    """Reads a text as which letters it has."""

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([[text.lower().count(letter) for letter in ascii_lowercase] for text in texts], float)


def test_a_query_is_judged_by_all_that_people_ask_of_music_and_by_none_of_its_own_words() -> None:
    judged = calibrating.judged_by(Letters(), ["zyx zyx", "wvu wvu", "zyx wvu"], ["zyx", "wvu"])  # type: ignore[arg-type]
    assert len(judged["known"]) == 3 + len(music.TEXTS)
    alone = calibrating.judged_by(Letters(), [], [])  # type: ignore[arg-type]
    np.testing.assert_array_equal(alone["known"], judged["known"][3:])
    known, others = (alone[side].astype(np.float32) for side in ("known", "others"))
    slow = [
        np.mean(sorted((float(row @ other) for at, other in enumerate(known) if at != place), reverse=True)[:3])
        - np.mean(sorted((float(row @ other) for other in others), reverse=True)[:3])
        for place, row in enumerate(known)
    ]
    assert np.mean(np.array(slow) < alone["threshold"] - 1e-3) <= calibrating.ALARMS


def test_captions_of_tracks_that_left_tell_what_is_gone_and_few_queries_about_the_rest() -> None:
    taught, left = ["zyx zyx", "wvu wvu", "zyx wvu"], ["qrs q", "qrs"]
    judged = calibrating.judged_by(Letters(), taught, ["zyx", "wvu", "qz"], left)  # type: ignore[arg-type]
    found = Calibration(**judged, shares=np.zeros(1, np.float32), scores=np.zeros(1, np.float32), captions=3)
    assert (found.taught, len(found.gone)) == (3, 2)
    asked = Letters().encode(["rsq", "xyz", "wvu"]).astype(np.float32)
    assert [found.is_of_music_that_left(row) for row in asked] == [True, False, False]
    music_rows = Letters().encode(list(music.TEXTS)).astype(np.float32)
    assert np.mean([found.is_of_music_that_left(row) for row in music_rows]) <= calibrating.ALARMS


def test_a_library_remembers_captions_of_tracks_that_left_until_they_are_there_again(tmp_path: Path) -> None:
    def gone(*captions: tuple[str, str]) -> list[str]:
        tracks = [Track(track_id=track) for track in dict.fromkeys(track for track, _ in captions)]
        texts = [
            Caption(caption_id=f"{track}#{n}", track_id=track, text=text) for n, (track, text) in enumerate(captions)
        ]
        return captions_gone(save_library(tmp_path, tracks, texts, {}), [text for _, text in captions])

    assert gone(("a", "slow piano"), ("b", "Fast  drums"), ("c", "fast drums")) == []
    assert gone(("a", "slower piano"), ("c", "fast drums")) == [], "one was rewritten, another track has the other"
    assert gone(("a", "slower piano")) == ["fast drums"]
    assert gone(("d", "a choir")) == ["slower piano", "fast drums"]
    assert gone(("d", "a choir"), ("e", "FAST drums")) == ["slower piano"]
    (tmp_path / "index" / FILE).write_bytes(b"[1, 2]")
    assert gone(("d", "a choir")) == []


def test_a_bundle_carries_scores_and_judges_another_library_by_them(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrating, "FEWEST", 3)
    monkeypatch.setattr(carried_fit, "FEWEST", 3)
    seal_checkpoint(made, Searcher(made).checkpoint, tmp_path / "calm")
    fit = read_bundle_manifest(tmp_path / "calm" / "bundle.json")["fit"]
    here = calibration_of(Searcher(made))
    assert here is not None
    assert fit["captions"] == here.captions
    np.testing.assert_allclose(fit["scores"], here.scores, atol=1e-4)
    monkeypatch.setattr(calibrating, "FEWEST", 10_000)
    searcher = Searcher(made, tmp_path / "calm" / "bundle.json")
    found = carried(searcher)
    assert found is not None
    assert (found.library, found.captions) == ("calm", here.captions)
    assert len(found.known) == len(music.TEXTS)
    path_of(made, searcher.vectors_name).unlink(missing_ok=True)
    kept = calibrate(searcher)
    assert kept is not None
    assert kept.library == "calm"
    assert carried(Searcher(made, made / "checkpoints" / "made_best_r1.pt")) is None

"""A library that was never trained, as commands and Python see it."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.cli import app
from antiphon.errors import AntiphonWarning, ConfigError, LibraryError
from antiphon.library.next_step import command, next_step
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.search.zero_shot.searcher import UntrainedSearcher
from tests.helpers.libraries.made_vectors import write_vectors

NAMES = {"a": "Slow Piano", "b": "Fast Drums", "c": "Piano and Drums"}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Three titled tracks; nothing was embedded."""
    tracks = [Track(track_id=t, title=name, group=t, path=f"{t}.flac") for t, name in NAMES.items()]
    return save_library(tmp_path / "lib", tracks, [], {"audio_root": str(tmp_path)}).root


def searched(*arguments: str) -> None:
    app(["search", *arguments], result_action="return_value")


def test_a_fresh_library_answers_from_its_names_and_says_what_comes_next(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    searched("slow piano", "--json", "--library", str(library))
    out, err = capsys.readouterr()
    hits = json.loads(out)
    assert [hit["track_id"] for hit in hits] == ["a", "c"]
    assert [hit["by"] for hit in hits] == ["name", "metadata"]
    assert hits[0]["path"] == str(library.parent / "a.flac")
    assert "Nothing was trained on this library" in err
    assert f"Next: {command('embed', library)}" in err


def test_a_name_finds_its_tracks_first_however_well_others_fit(tmp_path: Path) -> None:
    bands = {"a": "Mira Holm", "b": "The Tin Cups", "c": "Mira Holm", "d": "Holm Mira Holm Band"}
    tracks = [Track(track_id=t, title=f"Song {t}", artist=artist, group=t) for t, artist in bands.items()]
    root = save_library(tmp_path / "lib", tracks, [], {}).root
    hits = UntrainedSearcher(root).search("mira holm", k=4)
    assert [hit.rank for hit in hits] == [*range(1, len(hits) + 1)]
    assert {hit.track_id for hit in hits[:2]} == {"a", "c"}
    assert [hit.by for hit in hits] == ["name", "name", "metadata"]
    only = UntrainedSearcher(root).search("mira holm", k=4, where="title != 'Song a'")
    assert [(hit.track_id, hit.by) for hit in only][:1] == [("c", "name")]
    assert "a" not in {hit.track_id for hit in only}


def test_a_misspelt_name_finds_tracks_that_have_none_of_its_words(tmp_path: Path) -> None:
    bands = {"a": "AC/DC", "b": "Radiohead", "c": "The Beatles", "d": "Mira Holm"}
    tracks = [Track(track_id=t, title=f"Song {t}", artist=artist, group=t) for t, artist in bands.items()]
    searcher = UntrainedSearcher(save_library(tmp_path / "lib", tracks, [], {}).root)
    found = {text: searcher.search(text) for text in ("acdc", "radio head", "beetles", "Mira Hollm")}
    assert [[hit.track_id for hit in hits] for hits in found.values()] == [["a"], ["b"], ["c"], ["d"]]
    assert all(hits[0].by == "name" and hits[0].score == 0 for hits in list(found.values())[:3])
    assert not searcher.search("acdc", where="title != 'Song a'")


def test_words_that_no_name_has_find_nothing_and_say_so(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    searched("zither", "--library", str(library))
    out, err = capsys.readouterr()
    assert "No track has any of these words" in out
    assert "antiphon embed" in err


def test_a_track_asks_for_its_like_by_the_vectors_alone(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_vectors(library, "audio", "timbre", list(NAMES), np.array([[1.0, 0], [0, 1], [0.9, 0.2]]))
    searched("--like", "a", "--json", "--library", str(library))
    assert [hit["track_id"] for hit in json.loads(capsys.readouterr().out)] == ["c", "b"]


def test_a_track_that_is_not_there_or_has_no_vector_is_named(library: Path) -> None:
    searcher = UntrainedSearcher(library)
    with pytest.raises(LibraryError, match="no track 'd'"):
        searcher.similar("d")
    with pytest.raises(LibraryError, match="no audio vector yet"):
        searcher.similar("a")


def test_words_count_beside_a_track(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_vectors(library, "audio", "timbre", list(NAMES), np.array([[1.0, 0], [0, 1], [0.9, 0.2]]))
    searched("piano", "--like", "b", "--json", "--library", str(library))
    found = [hit["track_id"] for hit in json.loads(capsys.readouterr().out)]
    assert sorted(found) == ["a", "c"]


def test_what_is_excluded_comes_last_and_is_said(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    searched("piano", "--json", "--library", str(library))
    best, other = (hit["track_id"] for hit in json.loads(capsys.readouterr().out))
    title = UntrainedSearcher(library).library.track(best).title
    searched("piano", "--not", title, "--json", "--library", str(library))
    out, err = capsys.readouterr()
    assert [hit["track_id"] for hit in json.loads(out)] == [other, best]
    assert f"Left out: what is most like {title}" in err


def test_while_embedding_goes_on_it_says_how_many_are_there(library: Path) -> None:
    write_vectors(library, "audio", "timbre", ["a", "b"], np.eye(2))
    assert any("timbre: 2 of 3 tracks have vectors so far" in line for line in UntrainedSearcher(library).remarks())


def test_a_library_whose_encoders_know_no_words_hears_of_one_that_does(library: Path) -> None:
    assert not any("puts sound into words" in line for line in UntrainedSearcher(library).remarks("piano"))
    write_vectors(library, "audio", "timbre", list(NAMES), np.eye(3))
    lines = UntrainedSearcher(library).remarks("piano")
    assert any("puts sound into words" in line and "embed --encoder musicnn" in line for line in lines)
    write_vectors(library, "audio", "musicnn", ["a"], np.eye(1))
    lines = UntrainedSearcher(library).remarks("piano")
    assert not any("puts sound into words" in line for line in lines)  # it is at it
    assert any("musicnn: 1 of 3" in line for line in lines)


def test_a_trained_library_answers_without_its_checkpoint_on_request(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (library / "checkpoints").mkdir()
    (library / "checkpoints" / "timbre_best_r1.pt").write_bytes(b"never opened")
    searched("slow piano", "--untrained", "--json", "--library", str(library))
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["by"] == "name"
    assert "No checkpoint was asked" in err
    assert "Next:" not in err
    with pytest.raises(ConfigError, match="--untrained answers without"):
        searched("piano", "--untrained", "--checkpoint", "x", "--library", str(library))


def test_python_warns_once_and_answers_as_the_command_does(library: Path) -> None:
    opened = antiphon.open(library)
    with pytest.warns(AntiphonWarning, match="Nothing was trained") as told:
        hits = opened.search("slow piano")
    assert told[0].filename == __file__
    assert [hit.track_id for hit in hits] == ["a", "c"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert opened.search("drums", k=1)[0].by == "metadata"


def test_python_sees_what_was_embedded_since(library: Path) -> None:
    opened = antiphon.open(library)
    with pytest.warns(AntiphonWarning), pytest.raises(LibraryError, match="no audio vector"):
        opened.similar("a")
    write_vectors(library, "audio", "timbre", list(NAMES), np.array([[1.0, 0], [0, 1], [0.9, 0.2]]))
    assert opened.similar("a")[0].track_id == "c"


def test_each_next_step_leads_on(tmp_path: Path) -> None:
    def step(tracks: list[Track], captions: list[Caption]) -> str:
        return next_step(save_library(tmp_path, tracks, captions, {}))

    silent = [Track(track_id="a")]
    heard = [Track(track_id="a", path="a.flac")]
    said = [Caption(caption_id="a#0", track_id="a", text="slow")]
    assert "import-embeddings" in step(silent, said)
    assert "embed --library" in step(heard, said)
    write_vectors(tmp_path, "audio", "timbre", ["a"], np.ones((1, 2)))
    assert "caption" in step(heard, [])
    assert "embed --text" in step(heard, said)
    write_vectors(tmp_path, "text", "minilm", ["a#0", "b#0"], np.ones((2, 2)))
    write_vectors(tmp_path, "audio", "timbre", ["a", "b"], np.ones((2, 2)))
    assert "search" in step(heard, said)  # one track has nothing to be told from
    two = [Track(track_id=name, path=f"{name}.flac", split="train") for name in "ab"]
    assert "train" in step(two, [*said, Caption(caption_id="b#0", track_id="b", text="fast")])


def test_a_command_is_written_as_it_is_typed() -> None:
    assert command("train", Path("my lib")) == "antiphon train --library 'my lib'"
    assert command("train", Path()) == "antiphon train"

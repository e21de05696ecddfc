"""What stands out in the sound of each track."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from antiphon.captions.making import make_captions
from antiphon.captions.sound.heard import heard_phrases
from antiphon.captions.sound.reference import TRAITS, tag_reference
from antiphon.captions.sound.traits import BLOCKS, STATISTICS, read_traits
from antiphon.encoders._musicnn.tags import TAGS
from antiphon.layout import Layout
from antiphon.library.tag_strengths import TagMap
from antiphon.library.tracks import Library, Track, save_library
from tests.helpers.libraries.made_vectors import write_vectors

NAMES = tuple(f"{model}:{tag}" for model, tags in TAGS.items() for tag in tags)


def library(root: Path, n: int) -> Library:
    tracks = [Track(track_id=f"t{i:02d}", path=f"{i}.wav", group=f"g{i}", split="train") for i in range(n)]
    return save_library(root, tracks, [], {})


def give_tags(library: Library, strong: dict[str, list[str]]) -> None:
    """Vectors of a tagger that hears these tags in these tracks, and nothing remarkable else."""
    usual = tag_reference(NAMES)
    ids = library.column("track_id").tolist()
    logits = np.tile(usual.centre, (len(ids), 1))
    for track_id, tags in strong.items():
        for place, tag in enumerate(tags):
            column = NAMES.index(tag)
            logits[ids.index(track_id), column] += (6 - place) * usual.sigma[column]
    write_vectors(library.root, "audio", "musicnn", ids, logits.astype(np.float32))
    folder = library.embedding_folder("audio", "musicnn")
    TagMap(names=NAMES, weight=np.eye(100, dtype=np.float32), bias=np.zeros(100, np.float32)).write(folder)


def give_traits(library: Library, values: dict[str, dict[str, float]]) -> None:
    """Vectors of the signal encoders with these values of traits; of others that of the reference."""
    ids = library.column("track_id").tolist()
    for encoder, blocks in BLOCKS.items():
        layout = Layout(1, sum(blocks.values()), STATISTICS)
        vectors = np.zeros((len(ids), layout.dims, STATISTICS), np.float32)
        for trait in (trait for trait in TRAITS if trait.encoder == encoder):
            for row, track_id in enumerate(ids):
                vectors[row, trait.column, 0] = values.get(track_id, {}).get(trait.name, trait.centre)
        write_vectors(library.root, "audio", encoder, ids, vectors.reshape(len(ids), -1), layout)


def texts(library: Library) -> dict[str, set[str]]:
    return {track_id: {p.text for p in phrases} for track_id, phrases in heard_phrases(library).tracks.items()}


@pytest.mark.parametrize("n", [1, 5, 60])
def test_words_are_what_stands_out_in_libraries_of_any_size(tmp_path: Path, n: int) -> None:
    made = library(tmp_path, n)
    give_tags(made, {"t00": ["msd:jazz", "mtt:piano", "mtt:slow"]})
    assert texts(made)["t00"] == {"jazz", "piano", "slow"}


def test_what_all_tracks_have_says_nothing_in_a_large_library(tmp_path: Path) -> None:
    made = library(tmp_path, 60)
    give_tags(made, {f"t{i:02d}": ["msd:Hip-Hop"] for i in range(60)} | {"t00": ["msd:Hip-Hop", "mtt:harp"]})
    assert texts(made)["t00"] == {"harp"} | (texts(made)["t01"] & {"hip-hop"})
    assert "harp" not in texts(made)["t01"]


def test_traits_have_words_for_their_outer_thirds(tmp_path: Path) -> None:
    made = library(tmp_path, 30)
    tempo = next(trait for trait in TRAITS if trait.name == "tempo")
    spread = np.linspace(-2, 2, 30) * tempo.sigma + tempo.centre
    give_traits(made, {f"t{i:02d}": {"tempo": value} for i, value in enumerate(spread)})
    words = texts(made)
    paces = ["slow" if "slow" in words[t] else "fast" if "fast" in words[t] else "" for t in sorted(words)]
    assert paces == sorted(paces, key=["slow", "", "fast"].index)
    assert 7 <= paces.count("slow") <= 13
    assert 7 <= paces.count("fast") <= 13


def test_where_no_beat_is_clear_there_is_no_tempo(tmp_path: Path) -> None:
    made = library(tmp_path, 2)
    give_traits(made, {"t00": {"tempo": 1.5, "pulse": 0.0}, "t01": {"tempo": 1.5}})
    assert texts(made) == {"t00": {"beatless"}, "t01": {"fast"}}


def test_traits_are_the_means_of_the_encoders_own_numbers(tmp_path: Path) -> None:
    made = library(tmp_path, 1)
    given = {trait.name: float(np.float16(0.1 * (k + 1))) for k, trait in enumerate(TRAITS)}
    give_traits(made, {"t00": given})
    assert read_traits(made, TRAITS)["t00"] == pytest.approx(given)
    assert [(t.name, t.column) for t in TRAITS] == [
        ("pulse", 37 + 37 + 19 + 3 + 1),
        ("tempo", 37 + 37 + 19),
        ("density", 37 + 37 + 19 + 3),
        ("loudness", 36 + 13 + 7 + 3 + 5),
        ("brightness", 36),
        ("depth", 36 + 13 + 7),
        ("mode", 12 + 12 + 12 + 2),
    ]


def test_vectors_of_another_make_are_not_read(tmp_path: Path) -> None:
    made = library(tmp_path, 3)
    write_vectors(tmp_path, "audio", "timbre", ["t00", "t01", "t02"], np.ones((3, 8), np.float32))
    assert texts(made) == {}


def test_what_is_missing_is_told_with_the_command_that_makes_it(tmp_path: Path) -> None:
    made = library(tmp_path, 3)
    give_traits(made, {"t00": {"tempo": 2.0}})
    heard = make_captions(made, ["machine"])
    assert heard.counts() == {"machine": {"captions": 1, "tracks": 1}}
    assert heard.missing[0].fix == f"antiphon embed --encoder musicnn --library {shlex.quote(str(tmp_path))}"


def test_traits_speak_only_for_tracks_that_have_no_words_of_a_tagger(tmp_path: Path) -> None:
    made = library(tmp_path, 30)
    give_tags(made, {"t00": ["msd:jazz"]})
    give_traits(made, {"t00": {"tempo": 2.0}, "t01": {"tempo": 2.0}})
    assert texts(made)["t00"] == {"jazz"}
    assert texts(made)["t01"] == {"fast"}


def test_captions_of_sound_read_like_those_of_metadata(tmp_path: Path) -> None:
    made = library(tmp_path, 3)
    give_tags(made, {"t00": ["msd:jazz", "mtt:piano", "msd:female vocalists", "mtt:female voice", "mtt:female"]})
    texts = make_captions(made, ["machine"]).table.column("text").to_pylist()
    assert texts[0] == "Jazz with piano and female vocals."


def test_a_track_that_cannot_be_read_waits_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = library(tmp_path, 4)
    ids = made.column("track_id").tolist()
    write_vectors(tmp_path, "audio", "timbre", ids[:3], np.ones((3, 100), np.float32))
    monkeypatch.setattr("antiphon.captions.sound.heard._words", lambda _: ({track_id: [] for track_id in ids[:3]}, ()))
    (waiting,) = heard_phrases(Library(tmp_path)).missing
    assert waiting.problem == "1 track has not been heard yet."
    monkeypatch.setattr("antiphon.captions.sound.heard.tried", lambda *_: set(ids))  # the file of the fourth is broken
    assert heard_phrases(Library(tmp_path)).missing == ()

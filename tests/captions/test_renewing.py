"""Captions are made anew when what they are made of has changed, and embedded with the rest."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from antiphon.api.embedded import embed_library
from antiphon.captions.making import make_captions, remove_captions, renew_captions, write_captions
from antiphon.embed import load_text_encoder
from antiphon.library.captions import MADE_FILE
from antiphon.library.ingest.making import ingest
from antiphon.library.tag_strengths import TAGS_FILE
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions, TextEncoder
from tests.helpers.libraries.sounds import sweep, write

OPTIONS = LoadOptions(device="cpu")


def library_of(folder: Path) -> Library:
    music, root = folder / "music", folder / "lib"
    music.mkdir()
    for number in range(3):
        write(music / f"{number}.wav", sweep(1.0 + number, 22_050), 22_050)
    (music / "list.csv").write_text("audio,genre\n0.wav,jazz\n1.wav,rock\n2.wav,\n")
    ingest(music / "list.csv", root)
    return Library(root)


def test_captions_are_written_when_they_are_others_than_before(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    made = renew_captions(library)
    assert made is not None
    assert made.counts()["tags"]["tracks"] == 2
    before = (library.root / MADE_FILE).read_bytes()
    assert renew_captions(Library(library.root)) is None
    assert (library.root / MADE_FILE).read_bytes() == before


def test_embedding_makes_them_and_reads_them_and_leaves_them_on_request(tmp_path: Path) -> None:
    root = library_of(tmp_path).root
    options = OPTIONS
    left = embed_library(root, ["timbre"], ["minilm"], options=options, jobs=1, captions=False)
    assert (left.made, left.reports[0].total) == (None, 0)
    done = embed_library(root, ["timbre"], ["minilm"], options=options, jobs=1)
    assert done.made is not None
    report = done.reports[0]
    assert report.total == report.already + report.embedded == len(Library(root).caption_table) > 2
    assert "Captions that Antiphon made: tags" in "\n".join(done.lines())
    again = embed_library(root, ["timbre"], ["minilm"], options=options, jobs=1)
    assert (again.made, again.reports[0].embedded, again.reports[0].already) == (None, 0, report.total)


def kinds(root: Path) -> set[str]:
    return set(Library(root).caption_column("kind").tolist())


def test_which_kinds_are_made_is_the_owners_choice_and_lasts(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    root = library.root
    embed_library(root, ["timbre"], [], options=OPTIONS, jobs=1)
    assert kinds(root) == {"tags", "machine"}
    write_captions(make_captions(Library(root), ["machine"]))
    embed_library(root, ["timbre"], [], options=OPTIONS, jobs=1)
    assert kinds(root) == {"machine"}
    ingest(tmp_path / "music" / "list.csv", root)
    assert renew_captions(Library(root)) is None
    assert kinds(root) == {"machine"}
    remove_captions(root)
    embed_library(root, ["timbre"], [], options=OPTIONS, jobs=1)
    assert kinds(root) == set()
    write_captions(make_captions(Library(root)))
    assert kinds(root) == {"tags", "machine"}
    assert "made_kinds" not in Library(root).meta, "both kinds are what a library has unasked"


def test_the_text_encoder_is_loaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = library_of(tmp_path).root
    loaded = []

    def load(name: str, options: LoadOptions) -> TextEncoder:
        loaded.append(name)
        return load_text_encoder(name, options)

    monkeypatch.setattr("antiphon.api.embedded.load_text_encoder", load)
    done = embed_library(root, [], ["minilm"], options=OPTIONS)
    assert done.reports[0].embedded > 0
    assert loaded == ["minilm"]


def test_a_damaged_layer_of_tags_takes_no_captions_away_and_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = library_of(tmp_path)
    embed_library(library.root, ["timbre"], [], options=OPTIONS, jobs=1)
    before = (library.root / MADE_FILE).read_bytes()
    (library.embedding_folder("audio", "timbre") / TAGS_FILE).write_bytes(b"PK nonsense")
    (tmp_path / "music" / "list.csv").write_text("audio,genre\n0.wav,jazz\n1.wav,rock\n2.wav,\n")
    assert renew_captions(Library(library.root)) is None
    assert (library.root / MADE_FILE).read_bytes() == before
    assert "tags.npz" in caplog.text
    assert f"antiphon embed --encoder timbre --library {shlex.quote(str(library.root))}" in caplog.text
    made = make_captions(Library(library.root), ["machine"])
    assert made.counts()["machine"]["tracks"] == 3
    assert "The machine captions stay as they are." in made.remarks()[0]

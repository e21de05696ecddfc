"""Captions are made anew when what they are made of has changed, and embedded with the rest."""

from __future__ import annotations

from pathlib import Path

from antiphon.api.embedded import embed_library
from antiphon.captions.making import renew_captions
from antiphon.library.captions import MADE_FILE
from antiphon.library.ingest.making import ingest
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions
from tests.helpers.libraries.sounds import sweep, write


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
    options = LoadOptions(device="cpu")
    left = embed_library(root, ["timbre"], ["minilm"], options=options, jobs=1, captions=False)
    assert (left.made, left.reports[0].total) == (None, 0)
    done = embed_library(root, ["timbre"], ["minilm"], options=options, jobs=1)
    assert done.made is not None
    report = done.reports[0]
    assert report.total == report.already + report.embedded == len(Library(root).caption_table) > 2
    assert "Captions that Antiphon made: tags" in "\n".join(done.lines())
    again = embed_library(root, ["timbre"], ["minilm"], options=options, jobs=1)
    assert (again.made, again.reports[0].embedded, again.reports[0].already) == (None, 0, report.total)

"""A library opens whatever of it can answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import EncoderError, LibraryError
from antiphon.library.tracks import Library
from antiphon.search.server.opened.state import open_library
from tests.helpers.libraries.made_vectors import make_library

QUICK = TrainConfig(epochs=1, epoch_steps=1, dim=8, hidden=8, closed_form="none", hubness="none")


def test_without_the_package_of_its_text_encoder_names_and_captions_answer_and_that_is_said(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=6, val=2)
    trained = train(tmp_path, "made", text="words", config=QUICK)
    opened = open_library(tmp_path)
    assert not opened.trained
    (said,) = (line for line in opened.remarks if "does not answer" in line)
    assert "The text encoder 'words' comes with a package that is not on this machine." in said
    assert (
        "pip install the package that brings it; or train with one that is here: antiphon train --text minilm" in said
    )
    text = str(library.caption_column("text")[0])
    assert opened.searcher.search(text, k=1)[0].track_id == library.caption_column("track_id")[0]
    assert "captions" in opened.answers_by
    assert opened.next == "", "a second training would need what the first lacks"
    assert Bundle.load(trained.checkpoints["best_r1"]).text_encoder == "words"  # nothing was changed


def test_a_package_of_an_encoder_that_is_known_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(tmp_path, train=6, val=2)
    train(tmp_path, "made", text="words", config=QUICK)

    def missing(*_: object) -> None:
        raise EncoderError("Encoder 'mpnet' needs sentence-transformers.", fix="pip install 'antiphon[text]'")

    monkeypatch.setattr("antiphon.align.checkpoint.text_encoder.load_text_encoder", missing)
    assert open_library(tmp_path).standing[0] == (
        "What was learned does not answer. Encoder 'mpnet' needs sentence-transformers. "
        "To mend it: pip install 'antiphon[text]'; then start the server again."
    )
    assert Library(tmp_path).embedded("text") == ["words"]


def test_a_damaged_checkpoint_is_told_on_the_page_and_in_the_log_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_library(tmp_path, train=6, val=2)
    train(tmp_path, "made", text="words", config=QUICK)
    (tmp_path / "checkpoints" / "broken_best_r1.pt").write_bytes(b"half of it")
    said = [line for line in open_library(tmp_path).remarks if "broken_best_r1.pt is passed over" in line]
    assert len(said) == 1
    assert "broken_best_r1.pt is passed over" in caplog.text


def test_a_table_of_tracks_that_is_gone_is_named_with_what_mends_it(tmp_path: Path) -> None:
    make_library(tmp_path, train=6, val=2)
    train(tmp_path, "made", text="words", config=QUICK)
    (tmp_path / "tracks.parquet").unlink()
    with pytest.raises(LibraryError, match=r"(?s)tracks\.parquet.*antiphon ingest again"):
        open_library(tmp_path)

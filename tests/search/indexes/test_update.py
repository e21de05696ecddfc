"""An index is brought up to date: what changed is projected, all else copied; the result is that of building anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.library.files import read_parquet, write_parquet
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.search.indexes.account import index_lines
from antiphon.search.indexes.build import build_index
from antiphon.search.indexes.current import current_index
from antiphon.search.indexes.exact import open_index
from antiphon.search.indexes.projection import hashes_of
from tests.helpers.libraries.made_vectors import make_library, write_vectors


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("update") / "lib"
    make_library(root, names=("one",))
    train(root, "one", text="words", config=TrainConfig(epochs=1, dim=16))
    build_index(root, checkpoint(root))
    return root


@pytest.fixture
def library(trained: Path, tmp_path: Path) -> Path:
    shutil.copytree(trained, tmp_path / "lib")
    return tmp_path / "lib"


def checkpoint(root: Path) -> Path:
    return root / "checkpoints" / "one_best_r1.pt"


def change(root: Path, ids: list[str]) -> None:
    """Give tracks other vectors."""
    vectors = np.random.default_rng(7).normal(size=(len(ids), 24))
    write_vectors(root, "audio", "one", ids, vectors)


def keep(root: Path, wanted: np.ndarray) -> None:
    """Leave only some tracks in the library."""
    write_parquet(root / "tracks.parquet", read_parquet(root / "tracks.parquet").filter(wanted))


def projected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tracks each call of the checkpoint projects."""
    counts: list[int] = []
    real = Bundle.score_audio

    def counted(self: Bundle, vectors: np.ndarray) -> np.ndarray:
        counts.append(len(vectors))
        return real(self, vectors)

    monkeypatch.setattr(Bundle, "score_audio", counted)
    return counts


def require_as_anew(root: Path) -> None:
    """The index that is there is that of building it from nothing."""
    found = open_index(root)
    vectors, tracks = np.array(found.vectors), found.tracks
    anew = build_index(root, checkpoint(root), anew=True)
    np.testing.assert_allclose(vectors, anew.vectors, atol=1e-6)
    assert tracks == anew.tracks


def test_only_tracks_with_another_vector_are_projected(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(library, ["t003", "t040"])
    counts = projected(monkeypatch)
    index = build_index(library, checkpoint(library))
    assert sum(counts) == 2
    assert index.about["changes"] == {"kept": 50, "new": 0, "changed": 2, "gone": 0}
    assert index_lines(index, "x.pt", 8)[1] == "50 stayed as they were; 2 changed."
    require_as_anew(library)


def test_tracks_that_went_leave_the_index_and_come_back_alone(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (library / "tracks.parquet").read_bytes()
    keep(library, np.arange(52) % 4 != 0)
    counts = projected(monkeypatch)
    index = build_index(library, checkpoint(library))
    assert index.about["changes"] == {"kept": 39, "new": 0, "changed": 0, "gone": 13}
    assert not counts
    (library / "tracks.parquet").write_bytes(whole)
    index = current_index(library, checkpoint(library), "one")
    assert index.about["changes"] == {"kept": 39, "new": 13, "changed": 0, "gone": 0}
    assert sum(counts) == 13
    assert index.rows.tolist() == list(range(52)), "the order of the library"
    require_as_anew(library)


def test_another_order_of_the_library_projects_nothing(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = read_parquet(library / "tracks.parquet").take(np.arange(52)[::-1])
    write_parquet(library / "tracks.parquet", turned)
    counts = projected(monkeypatch)
    assert build_index(library, checkpoint(library)).track_ids[0] == "t051"
    assert not counts
    require_as_anew(library)


def test_an_index_of_another_checkpoint_gives_nothing(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(library, "one", text="words", name="other", config=TrainConfig(epochs=1, dim=16, seed=3))
    counts = projected(monkeypatch)
    index = build_index(library, library / "checkpoints" / "other_best_r1.pt")
    assert sum(counts) == 52
    assert index.about["changes"]["kept"] == 0


@pytest.mark.parametrize("damage", [b"", b"garbled"])
def test_without_its_hashes_an_index_is_built_anew(library: Path, damage: bytes) -> None:
    (path,) = (library / "index").glob("hashes-*.npy")
    path.write_bytes(damage)
    assert build_index(library, checkpoint(library)).about["changes"]["kept"] == 0


def test_a_damaged_new_vector_is_left_out_and_said(library: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = library / "embeddings" / "audio" / "one"
    row = open_vectors(folder).row_of["t005"]
    with (folder / "vectors.npy").open("r+b") as stream:
        stream.seek(128 + row * 24 * 2)
        stream.write(np.full(24, np.nan, np.float16).tobytes())
    index = build_index(library, checkpoint(library))
    assert "t005" not in index.track_ids.tolist()
    assert "t005" in caplog.text
    assert index.rows.tolist() == [row for row in range(52) if Library(library).column("track_id")[row] != "t005"]


def test_hashes_tell_rows_apart_whatever_the_layout_in_memory() -> None:
    raw = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float16)
    assert len(set(hashes_of(raw).tolist())) == 50
    np.testing.assert_array_equal(hashes_of(np.asfortranarray(raw)), hashes_of(raw))
    changed = raw.copy()
    changed[3, 6] = np.nextafter(changed[3, 6], np.float16(9))
    assert np.flatnonzero(hashes_of(changed) != hashes_of(raw)).tolist() == [3]


def test_files_that_were_touched_but_not_changed_build_nothing(library: Path) -> None:
    build_index(library, checkpoint(library))
    before = (library / "index" / "index.json").stat().st_mtime_ns
    (library / "tracks.parquet").touch()
    current_index(library, checkpoint(library), "one")
    assert (library / "index" / "index.json").stat().st_mtime_ns == before

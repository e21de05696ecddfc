"""The search index: one moment at which it counts, readers that go on, and every way in which it can be damaged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.lock import only_writer
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.search.indexes.build import build_index
from antiphon.search.indexes.current import current_index
from antiphon.search.indexes.exact import Index, open_index
from antiphon.search.indexes.projection import NONE, Projection
from tests.helpers.documentation.commands import forked
from tests.helpers.libraries.made_vectors import make_library


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trainings on two encoders' vectors."""
    root = tmp_path_factory.mktemp("index") / "lib"
    make_library(root, names=("one", "two"))
    for name in ("one", "two"):
        train(root, name, text="words", config=TrainConfig(epochs=1, dim=16))
    return root


@pytest.fixture
def library(trained: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    shutil.copytree(trained, tmp_path / "lib")
    return tmp_path / "lib"


def checkpoint(root: Path, name: str) -> Path:
    return root / "checkpoints" / f"{name}_best_r1.pt"


def slowly(root: Path, name: str) -> np.ndarray:
    """Every track's vector, one at a time."""
    bundle, stored = Bundle.load(checkpoint(root, name)), open_embedding(Library(root), "audio", name)
    ids = Library(root).column("track_id")
    return np.concatenate([bundle.score_audio(stored.take([track_id])) for track_id in ids])


def require_right(index: Index, root: Path, name: str) -> None:
    np.testing.assert_allclose(index.vectors, slowly(root, name), atol=1e-5)
    assert index.track_ids.tolist() == Library(root).column("track_id").tolist()


def test_an_index_holds_every_track_as_its_checkpoint_sees_it(library: Path) -> None:
    require_right(build_index(library, checkpoint(library, "one")), library, "one")


def test_an_open_index_stays_what_it_was_while_another_takes_its_place(library: Path) -> None:
    first = build_index(library, checkpoint(library, "one"))
    build_index(library, checkpoint(library, "two"))
    require_right(first, library, "one")
    require_right(open_index(library), library, "two")
    assert len(list((library / "index").glob("vectors*.npy"))) == 1, "the old one is gone from disk"


def build_and_die(library: Path, name: str, steps: int) -> None:
    """Build an index, and be killed at the renaming or removing after so many; in a process of its own."""
    left = [steps]

    def counted(do: Callable[..., None]) -> Callable[..., None]:
        def one(*arguments: object, **named: object) -> None:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            do(*arguments, **named)

        return one

    os.replace, os.unlink = counted(os.replace), counted(os.unlink)
    build_index(library, checkpoint(library, name))


@pytest.mark.parametrize("steps", [0, 2, 3, 4])
def test_a_kill_at_any_moment_leaves_an_index_that_knows_its_checkpoint(library: Path, steps: int) -> None:
    """Some moments; the scripts in torture/ try all of them."""
    build_index(library, checkpoint(library, "one"))
    assert forked(build_and_die, library, "two", steps) in (0, -signal.SIGKILL)
    for name in ("one", "two"):
        require_right(current_index(library, checkpoint(library, name), name), library, name)


@pytest.mark.parametrize("damage", ["", "{", "[]", "3", '{"format": 1}', '{"format": 2}', "[" * 100_000, "\x00" * 50])
def test_a_damaged_index_json_is_built_anew(library: Path, damage: str) -> None:
    build_index(library, checkpoint(library, "one"))
    (library / "index" / "index.json").write_text(damage)
    with pytest.raises(EmbeddingError, match="antiphon index"):
        open_index(library)
    require_right(current_index(library, checkpoint(library, "one"), "one"), library, "one")


@pytest.mark.parametrize("which", ["vectors-*.npy", "tracks-*.arrow"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "garbled"])
def test_damaged_vectors_and_tables_are_built_anew(library: Path, which: str, damage: str) -> None:
    build_index(library, checkpoint(library, "one"))
    (path,) = (library / "index").glob(which)
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "garbled": b"{(" + data[2:40][::-1]}[damage])
    require_right(current_index(library, checkpoint(library, "one"), "one"), library, "one")


def test_an_index_that_names_files_outside_its_folder_is_not_followed(library: Path) -> None:
    build_index(library, checkpoint(library, "one"))
    about = json.loads((library / "index" / "index.json").read_text())
    (library / "index" / "index.json").write_text(json.dumps({**about, "vectors": "../secret.npy"}))
    with pytest.raises(EmbeddingError, match="outside"):
        open_index(library)


def test_a_second_writer_is_refused_and_a_search_answers_from_memory(
    library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build_index(library, checkpoint(library, "one"))
    with only_writer(library / "index", "writing the search index in"):
        with pytest.raises(LibraryError, match=rf"process \(id {os.getpid()}\) is writing the search index"):
            build_index(library, checkpoint(library, "two"))
        require_right(current_index(library, checkpoint(library, "two"), "two"), library, "two")
    assert "from memory" in caplog.text


def test_an_index_is_written_a_block_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the library is, one block of it is in memory."""
    blocks, rows = 40, 256
    made = (np.full((rows, 256), n, np.float32) for n in range(blocks))
    monkeypatch.setattr(Projection, "blocks", lambda self: made)
    monkeypatch.setattr(Projection, "shape", (blocks * rows, 256))
    nothing = dict.fromkeys(("bundle", "stored", "ids", "before", "earlier"))
    projection = Projection(tracks=pa.table({}), hashes=NONE, **nothing)  # type: ignore[arg-type]
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        tracemalloc.start()
        projection.write(nowhere)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * rows * 256 * 4

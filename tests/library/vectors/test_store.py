"""Vectors on disk survive anything: kill -9 in the middle of a write, torn journals, lost tails, wrong hands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.files import write_json, write_text
from antiphon.library.pairs import DAMAGED, load_pairs
from antiphon.library.vectors import opened, store
from antiphon.library.vectors.provenance import Provenance, read_provenance
from antiphon.library.vectors.store import Row, VectorWriter, open_vectors
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.libraries.made_vectors import provenance as made_up

KILLED = """
    import os, signal, sys
    from pathlib import Path
    import numpy as np
    from antiphon.layout import Layout
    from antiphon.library.vectors import opened, store
    from antiphon.library.vectors.provenance import Provenance
    point, folder = sys.argv[1], Path(sys.argv[2])
    writer = store.VectorWriter(folder, Provenance(encoder="e", kind="audio", layout=Layout.flat(8), weights_id="w"))
    def batch(n):
        rows = [store.Row(f"t{n}-{i}", "ok", signature="s") for i in range(5)]
        return rows, np.full((5, 8), n, np.float32)
    writer.write(*batch(0))
    writer.write(*batch(1))
    def die(*a, **k):
        os.kill(os.getpid(), signal.SIGKILL)
    if point == "before-journal":
        writer._append = die
    elif point == "torn-journal":
        def torn(entries):
            writer._journal.write(b'{"row": 10, "id": "t2-0", "sta')
            writer._journal.flush()
            die()
        writer._append = torn
    elif point == "replacing":
        whole = writer._append
        def once(entries):
            whole(entries)
            writer._append = die
        writer._append = once
        writer.write([store.Row("t0-0", "ok", signature="new")], np.full((1, 8), 9, np.float32))
    elif point == "folding":
        store.write_parquet = die
        writer.close()
    elif point == "folded":
        Path.unlink = die
        writer.close()
    writer.write(*batch(2))
    print("not killed")
"""


def provenance(size: int = 8, **changes: object) -> Provenance:
    values = {"encoder": "e", "kind": "audio", "layout": Layout.flat(size), "weights_id": "w", **changes}
    return Provenance(**values)  # type: ignore[arg-type]


def rows(*ids: str, signature: str = "s") -> list[Row]:
    return [Row(item, "ok", signature=signature) for item in ids]


def killed(point: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), point, str(folder)], capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert "not killed" not in done.stdout


@pytest.mark.parametrize("point", ["before-journal", "torn-journal", "folding", "folded", "replacing"])
def test_a_killed_process_loses_at_most_the_batch_in_flight(tmp_path: Path, point: str) -> None:
    killed(point, tmp_path)
    lost = {"t0-0"} if point == "replacing" else set()
    expected = {f"t{n}-{i}": n for n in range(2) for i in range(5)}
    seen = open_vectors(tmp_path)  # readable before anyone repairs it
    assert set(seen.ids) == expected.keys() - lost
    with VectorWriter(tmp_path, provenance()) as writer:
        assert [r.id for r in writer.rows] == list(expected)
        wanted = [*expected, *(f"t2-{i}" for i in range(5))]
        todo = writer.pending(wanted, ["s"] * len(wanted))
        assert {wanted[i] for i in todo} == lost | {f"t2-{i}" for i in range(5)}
        writer.write(rows(*[wanted[i] for i in todo]), np.full((len(todo), 8), 7, np.float32))
    after = open_vectors(tmp_path)
    values = {item: after.take([item])[0, 0] for item in after.ids}
    assert values == {**expected, **{f"t2-{i}": 7 for i in range(5)}, **dict.fromkeys(lost, 7)}
    assert np.load(tmp_path / "vectors.npy").shape == (15, 8)
    assert not (tmp_path / "rows.jsonl").exists()


def test_plain_numpy_and_the_table_agree(tmp_path: Path) -> None:
    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    with VectorWriter(tmp_path, provenance(4)) as writer:
        writer.write([*rows("a", "b"), Row("c", "failed", "no sound")], vectors)
    plain = np.load(tmp_path / "vectors.npy")
    np.testing.assert_array_equal(plain[:2], vectors[:2])
    assert np.isnan(plain[2]).all()
    found = open_vectors(tmp_path)
    assert found.ids.tolist() == ["a", "b"]
    assert found.failed == {"c": "no sound"}
    np.testing.assert_array_equal(found.take(["b", "a"]), vectors[[1, 0]])


def test_new_changed_and_failed_items_are_pending(tmp_path: Path) -> None:
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write([*rows("a", "b"), Row("c", "failed", "x", "s")], np.ones((3, 8)))
        ids, signatures = ["a", "b", "c", "d"], ["s", "changed", "s", "s"]
        assert writer.pending(ids, signatures) == [1, 3]
        assert writer.pending(ids, signatures, retry_failed=True) == [1, 2, 3]


def test_an_id_that_is_written_again_is_replaced_in_place(tmp_path: Path) -> None:
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write(rows("a", "b"), np.ones((2, 8)))
        writer.write(rows("a", signature="new"), np.full((1, 8), 5.0))
    found = open_vectors(tmp_path)
    assert found.ids.tolist() == ["a", "b"]
    assert found.take(["a"])[0, 0] == 5


def test_an_empty_batch_is_nothing(tmp_path: Path) -> None:
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write([], np.empty((0, 8)))
    assert len(open_vectors(tmp_path).ids) == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, 70_000.0])
def test_values_that_float16_cannot_hold_are_refused(tmp_path: Path, value: float) -> None:
    vectors = np.ones((2, 8))
    vectors[1, 3] = value
    with VectorWriter(tmp_path, provenance()) as writer:
        with pytest.raises(EmbeddingError, match="'b' has values that are not finite or exceed"):
            writer.write(rows("a", "b"), vectors)
        with pytest.raises(EmbeddingError, match="Vectors of 9 numbers"):
            writer.write(rows("a"), np.ones((1, 9)))
    assert len(open_vectors(tmp_path).ids) == 0


def test_the_callers_array_is_not_changed(tmp_path: Path) -> None:
    vectors = np.ones((1, 8), np.float32)
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write([Row("a", "failed", "x")], vectors)
    assert (vectors == 1).all()


def test_vectors_made_another_way_do_not_mix(tmp_path: Path) -> None:
    VectorWriter(tmp_path, provenance()).close()
    with pytest.raises(EmbeddingError, match=r"weights_id: w in (.|\n)*, other in what you asked for"):
        VectorWriter(tmp_path, provenance(weights_id="other"))
    VectorWriter(tmp_path, provenance(source="elsewhere", licence="MIT")).close()


def test_two_writers_at_once_are_refused(tmp_path: Path) -> None:
    with VectorWriter(tmp_path, provenance()), pytest.raises(EmbeddingError, match="Another process is writing"):
        VectorWriter(tmp_path, provenance())
    VectorWriter(tmp_path, provenance()).close()


def test_a_lost_tail_is_refused_by_readers_and_mended_by_writers(tmp_path: Path) -> None:
    with VectorWriter(tmp_path, provenance()) as writer:
        writer.write(rows("a", "b", "c"), np.ones((3, 8)))
    os.truncate(tmp_path / "vectors.npy", 128 + 2 * 16)
    with pytest.raises(EmbeddingError, match=r"holds 2 vectors, but its table names 3"):
        open_vectors(tmp_path)
    with VectorWriter(tmp_path, provenance()) as writer:
        assert writer.pending(["a", "b", "c"], ["s"] * 3) == [2]


def test_damaged_tables_are_named(tmp_path: Path) -> None:
    VectorWriter(tmp_path, provenance()).close()
    no_text = pa.array([b"caf\xe9"], pa.binary()).view(pa.string())
    pq.write_table(pa.table(dict.fromkeys(("track_id", "status", "error", "signature"), no_text)), tmp_path / "p")
    for data in (b"x", (tmp_path / "p").read_bytes()):
        (tmp_path / "rows.parquet").write_bytes(data)
        with pytest.raises(EmbeddingError, match=r"rows.parquet cannot be read(.|\n)*Delete"):
            open_vectors(tmp_path)


def test_provenance_survives_the_disk_and_later_keys(tmp_path: Path) -> None:
    first = provenance(rate=24000, window_s=10.0, licence="MIT")
    write_json(tmp_path / "p.json", {**first.to_dict(), "later": 1})
    assert read_provenance(tmp_path / "p.json") == first
    assert first.fingerprint == provenance(rate=24000, window_s=10.0, source="x").fingerprint
    assert first.fingerprint != provenance(rate=16000, window_s=10.0).fingerprint


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"layout": {}}'])
def test_damaged_provenance_is_named(tmp_path: Path, text: str) -> None:
    write_text(tmp_path / "provenance.json", text)
    with pytest.raises(EmbeddingError, match=r"provenance\.json cannot be read"):
        read_provenance(tmp_path / "provenance.json")


def test_layouts() -> None:
    layout = Layout(25, 1024, 3)
    assert (layout.size, str(layout)) == (76800, "25 × 1024 × 3")
    assert Layout.from_dict(layout.to_dict()) == layout
    with pytest.raises(ValueError, match="positive"):
        Layout(0, 1, 1)


def test_vectors_that_a_disk_has_damaged_are_found_and_nothing_is_paired_with_them(tmp_path, monkeypatch):
    library = make_library(tmp_path / "lib")
    name, text = library.embedded("audio")[0], library.embedded("text")[0]
    folder = library.embedding_folder("audio", name)
    stored = open_vectors(folder)
    (first, second) = library.column("track_id")[library.tracks_in("train")][:2]
    data = bytearray((folder / "vectors.npy").read_bytes())
    at = store.HEADER_BYTES + stored.row_of[first] * stored.matrix.shape[1] * 2
    data[at : at + 2] = np.float16(np.nan).tobytes()
    (folder / "vectors.npy").write_bytes(data)
    monkeypatch.setattr(opened, "CHECKED_NUMBERS", 1)
    assert open_vectors(folder).damaged([first, second]) == {first}
    pairs = load_pairs(library, name, text, "train")
    assert first not in pairs.track_ids
    assert second in pairs.track_ids
    assert pairs.left_out[first] == DAMAGED


@pytest.mark.parametrize(
    ("sources", "renamed"),
    [(("/a/model", "/b/model"), True), (("/a/model", "/a/model"), False), (("/a/other", "/b/other"), False)],
)
def test_two_models_of_one_name_say_how_both_may_stay(sources: tuple[str, str], renamed: bool, tmp_path: Path) -> None:
    """A folder's model is called after the folder; weights in the place of an encoder's own are not."""
    first, second = (made_up("model", "text", 4, source=source, weights_id=str(n)) for n, source in enumerate(sources))
    with VectorWriter(tmp_path / "model", first):
        pass
    with pytest.raises(EmbeddingError) as caught:
        VectorWriter(tmp_path / "model", second)
    assert ("rename the folder of one" in str(caught.value.fix)) == renamed
    assert "to make them anew" in str(caught.value.fix)

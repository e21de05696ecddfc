"""Text vectors know their text: a caption that was edited has no vector until it gets a new one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import LibraryError
from antiphon.library.ingest import ingest
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.rows import UNSIGNED, Row
from antiphon.library.vectors.store import VectorWriter, open_vectors

CAPTIONS = {"a#0": "calm piano", "a#1": "loud drums", "b#0": "bright brass", "c#0": "jazz sax"}
VECTORS = np.eye(4, dtype=np.float32)


def table(folder: Path, captions: dict[str, str]) -> Path:
    (folder / "t.csv").write_text("\n".join(["id,caption", *(f"{c[0]},{text}" for c, text in captions.items())]))
    return folder / "t.csv"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    ingest(table(tmp_path, CAPTIONS), tmp_path / "lib")
    np.savez(tmp_path / "v.npz", ids=np.array(list(CAPTIONS)), vectors=VECTORS)
    import_embeddings(tmp_path / "lib", "words", tmp_path / "v.npz", kind="text")
    np.savez(tmp_path / "w.npz", ids=np.array(["a", "b", "c"]), vectors=VECTORS[:3])
    import_embeddings(tmp_path / "lib", "sound", tmp_path / "w.npz")
    return tmp_path / "lib"


def good(root: Path) -> set[str]:
    return set(open_vectors(root / "embeddings/text/words").ids)


def test_captions_that_changed_place_count_as_missing_and_are_listed(root: Path, tmp_path: Path) -> None:
    swapped = {**CAPTIONS, "a#0": "loud drums", "a#1": "calm piano"}
    audit = ingest(table(tmp_path, swapped), root)
    assert good(root) == {"b#0", "c#0"}
    (note,) = [note for note in audit.notes if note.startswith("words:")]
    assert "2 captions with the vector of another text" in note
    assert "import them again: a#0, a#1" in note
    pairs = load_pairs(Library(root), "sound", "words", "all")
    assert pairs.caption_ids.tolist() == ["b#0", "c#0"]
    assert pairs.left_out == {"a": "no caption with a words vector"}


def test_a_text_that_comes_back_has_its_vector_back(root: Path, tmp_path: Path) -> None:
    ingest(table(tmp_path, {**CAPTIONS, "b#0": "dull brass"}), root)
    assert good(root) == {"a#0", "a#1", "c#0"}
    audit = ingest(table(tmp_path, CAPTIONS), root)
    assert good(root) == set(CAPTIONS)
    assert not [note for note in audit.notes if note.startswith("words:")]
    stored = open_vectors(root / "embeddings/text/words")
    assert stored.take(["b#0"])[0].tolist() == VECTORS[2].tolist()


def test_importing_again_mends_it(root: Path, tmp_path: Path) -> None:
    ingest(table(tmp_path, {**CAPTIONS, "b#0": "dull brass"}), root)
    report = import_embeddings(root, "words", tmp_path / "v.npz", kind="text")
    assert report.lacking == ()
    assert good(root) == set(CAPTIONS)


def test_a_vector_of_another_text_is_not_read_even_where_nobody_marked_it(root: Path) -> None:
    folder = root / "embeddings/text/words"
    with VectorWriter(folder, open_vectors(folder).provenance) as writer:
        writer.update({"c#0": Row("c#0", "ok", "", "another text")})
    pairs = load_pairs(Library(root), "sound", "words", "all")
    assert "c#0" not in pairs.caption_ids
    with VectorWriter(folder, open_vectors(folder).provenance) as writer:
        writer.update({c: Row(c, "ok", "", "another text") for c in CAPTIONS})
    with pytest.raises(LibraryError, match="no track with both"):
        load_pairs(Library(root), "sound", "words", "all")


def test_vectors_of_an_older_version_are_told_by_the_text_before(root: Path, tmp_path: Path) -> None:
    folder = root / "embeddings/text/words"
    with VectorWriter(folder, open_vectors(folder).provenance) as writer:
        writer.update({c: Row(c, "ok", "", UNSIGNED) for c in CAPTIONS})
    ingest(table(tmp_path, CAPTIONS), root)
    assert good(root) == set(CAPTIONS)
    with VectorWriter(folder, open_vectors(folder).provenance) as writer:
        writer.update({c: Row(c, "ok", "", UNSIGNED) for c in CAPTIONS})
    ingest(table(tmp_path, {**CAPTIONS, "c#0": "free jazz"}), root)
    assert good(root) == {"a#0", "a#1", "b#0"}


def test_damaged_vectors_do_not_keep_a_table_from_being_read(root: Path, tmp_path: Path) -> None:
    (root / "embeddings/text/words/rows.parquet").write_bytes(b"x")
    assert ingest(table(tmp_path, CAPTIONS), root).captions == 4

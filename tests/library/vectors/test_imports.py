"""Vectors made elsewhere: every form, and everything that does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.vectors.files import vector_file
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.store import VectorWriter, open_vectors
from tests.helpers.libraries.imported import stored
from tests.helpers.libraries.plain import plain_library

IDS = ["a", "b", "c"]
VECTORS = np.arange(12).reshape(3, 4)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    captions = {t: [f"{t}0", f"{t}1"] for t in "abcd"}
    return plain_library(tmp_path / "lib", dict.fromkeys("abcd", "train"), captions=captions).root


def npz(path: Path, ids: list[str] | None = None, vectors: np.ndarray = VECTORS) -> Path:
    np.savez(path, ids=np.array(ids or IDS), vectors=vectors)
    return path


EXPECTED = dict(zip(IDS, VECTORS.tolist(), strict=True))


@pytest.mark.parametrize("dtype", ["int32", "float64", "float16", "float32", "uint8"])
def test_npy_with_ids_of_any_type(root: Path, tmp_path: Path, dtype: str) -> None:
    np.save(tmp_path / "v.npy", VECTORS.astype(dtype))
    (tmp_path / "ids.txt").write_text("a\nb\r\nc\n\n")
    report = import_embeddings(root, "mine", tmp_path / "v.npy", ids=tmp_path / "ids.txt")
    assert stored(root) == EXPECTED
    assert (report.rows, report.imported, report.lacking) == (3, 3, ("d",))


def test_npz(root: Path, tmp_path: Path) -> None:
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    assert stored(root) == EXPECTED


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.list_(pa.float64(), 4), pa.large_list(pa.float32())])
def test_parquet_in_several_row_groups(root: Path, tmp_path: Path, kind: pa.DataType) -> None:
    vectors = pa.array(VECTORS.astype(float).tolist(), kind)
    pq.write_table(pa.table({"id": IDS, "vector": vectors}), tmp_path / "v.parquet", row_group_size=2)
    import_embeddings(root, "mine", tmp_path / "v.parquet")
    assert stored(root) == EXPECTED


def test_flat_hdf5(root: Path, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file["ids"], file["vectors"] = np.array(IDS, dtype="S"), VECTORS
    import_embeddings(root, "mine", tmp_path / "v.h5")
    assert stored(root) == EXPECTED


def test_hdf5_with_a_group_a_split_and_a_row_a_caption(root: Path, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "v.h5", "w") as file:
        for split, ids, texts in (("train", ["a", "a", "b"], ["a1", "a0", "b0"]), ("test", ["c"], ["c0"])):
            group = file.create_group(split)
            group["audio_ids"] = np.array(ids, dtype="S")
            group["captions"] = np.array(texts, dtype="S")
            group["mine_embeddings"] = np.stack([VECTORS[IDS.index(i)] for i in ids])
            group["words_embeddings"] = np.arange(len(ids) * 2).reshape(-1, 2)
    report = import_embeddings(root, "mine", tmp_path / "v.h5")
    assert stored(root) == EXPECTED
    assert report.repeated == ("a",)
    import_embeddings(root, "words", tmp_path / "v.h5", kind="text")
    assert stored(root, "words", "text") == {"a#1": [0, 1], "a#0": [2, 3], "b#0": [4, 5], "c#0": [0, 1]}
    with pytest.raises(EmbeddingError, match=r"no ids with vectors called 'muq_embeddings' \(it has: test"):
        import_embeddings(root, "muq", tmp_path / "v.h5")


def test_text_vectors_have_caption_ids(root: Path, tmp_path: Path) -> None:
    report = import_embeddings(root, "words", npz(tmp_path / "v.npz", ["a#0", "a#1", "d#1"]), kind="text")
    assert report.lacking == ("b#0", "b#1", "c#0", "c#1", "d#0")
    with pytest.raises(EmbeddingError, match=r"None of the 3 ids(.|\n)*'a#0'(.|\n)*Track ids of the library: 'a'"):
        import_embeddings(root, "mine", npz(tmp_path / "v.npz", ["a#0", "a#1", "d#1"]))


def test_unknown_ids_are_listed_and_left_out(root: Path, tmp_path: Path) -> None:
    report = import_embeddings(root, "mine", npz(tmp_path / "v.npz", ["a", "zzz", "c"]))
    assert set(stored(root)) == {"a", "c"}
    text = "\n".join(report.lines())
    assert "1 id of" in text
    assert "zzz" in text
    assert "2 tracks of this library still without a 'mine' vector: b, d" in text
    assert report.to_dict()["layout"] == {"layers": 1, "dims": 4, "statistics": 1}


def test_a_second_file_adds_to_the_first_and_replaces_what_it_has(root: Path, tmp_path: Path) -> None:
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    report = import_embeddings(root, "mine", npz(tmp_path / "w.npz", ["a", "d"], np.full((2, 4), 50)))
    assert stored(root) == {**EXPECTED, "a": [50] * 4, "d": [50] * 4}
    assert report.lacking == ()


def test_blocks_and_the_whole_are_the_same(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_file, "BLOCK_BYTES", 4 * 4)  # one row a block
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    assert stored(root) == EXPECTED


def test_a_layout_must_fit(root: Path, tmp_path: Path) -> None:
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"), layout=Layout(2, 2, 1))
    assert open_vectors(root / "embeddings/audio/mine").provenance.layout == Layout(2, 2, 1)
    with pytest.raises(EmbeddingError, match=r"layout of 'mert' is 25 × 1024 × 3 = 76800(.|\n)*--layout 1x4x1"):
        import_embeddings(root, "mert", npz(tmp_path / "v.npz"), layout=Layout(25, 1024, 3))


def test_provenance_says_imported_and_from_where(root: Path, tmp_path: Path) -> None:
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    made_by = open_vectors(root / "embeddings/audio/mine").provenance
    assert (made_by.origin, made_by.weights_id) == ("imported", "unknown")
    assert made_by.source.startswith("v.npz sha256:")


def test_imported_and_computed_vectors_do_not_mix(root: Path, tmp_path: Path) -> None:
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    made_by = open_vectors(root / "embeddings/audio/mine").provenance
    computed = type(made_by)(encoder="mine", kind="audio", layout=made_by.layout, weights_id="w")
    with pytest.raises(EmbeddingError, match="origin: imported"):
        VectorWriter(root / "embeddings/audio/mine", computed)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, r"not finite(.|\n)*Leave that row out"),
        (-np.inf, r"not finite(.|\n)*Leave that row out"),
        (1e6, r"goes up to 1e\+06(.|\n)*Divide all vectors"),
    ],
)
def test_values_that_cannot_be_stored_are_refused_before_anything_is_written(
    root: Path, tmp_path: Path, value: float, message: str
) -> None:
    vectors = VECTORS.astype(np.float64)
    vectors[2, 1] = value
    with pytest.raises(EmbeddingError, match=rf"row 3 \('c'\) .*{message}"):
        import_embeddings(root, "mine", npz(tmp_path / "v.npz", vectors=vectors))
    assert not (root / "embeddings").exists()


def test_one_id_with_two_vectors_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match=r"two different vectors for 'a' \(the second in row 3\)"):
        import_embeddings(root, "mine", npz(tmp_path / "v.npz", ["a", "b", "a"]))


@pytest.mark.parametrize(
    ("ids", "vectors", "message"),
    [
        (IDS, np.zeros(3), "shape \\(3,\\)"),
        (IDS, np.zeros((3, 2, 2)), r"reshape\(len\(ids\), -1\)"),
        (IDS[:2], VECTORS, "3 vectors, but there are 2 ids"),
        (IDS, np.array([["x"]] * 3), "not numbers"),
    ],
)
def test_shapes_that_do_not_fit(root: Path, tmp_path: Path, ids: list[str], vectors: np.ndarray, message: str) -> None:
    with pytest.raises(EmbeddingError, match=rf"(.|\n)*{message}"):
        import_embeddings(root, "mine", npz(tmp_path / "v.npz", ids, vectors))


def test_parquet_that_does_not_fit(root: Path, tmp_path: Path) -> None:
    for columns, message in (
        ({"id": IDS}, "no column 'vector'"),
        ({"id": IDS, "vector": [[1.0], [1.0, 2.0], [1.0]]}, "row 2 has a vector of 2 numbers, not 1"),
        ({"id": IDS, "vector": [[1.0], [2.0], None]}, "row 3 has no vector"),
        ({"id": IDS, "vector": [1.0, 2.0, 3.0]}, "not lists"),
    ):
        pq.write_table(pa.table(columns), tmp_path / "v.parquet")
        with pytest.raises(EmbeddingError, match=message):
            import_embeddings(root, "mine", tmp_path / "v.parquet")


def test_files_that_cannot_be_read(root: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    np.savez(tmp_path / "objects.npz", ids=np.array(IDS, dtype=object), vectors=VECTORS)
    np.savez(tmp_path / "nameless.npz", x=VECTORS)
    (tmp_path / "v.csv").write_text("id,0\na,1\n")
    for name, message in (
        ("v.npy", "--ids"),
        ("objects.npz", "dtype=str"),
        ("nameless.npz", "no 'ids'"),
        ("v.csv", "no known form"),
        ("none.npz", "no file"),
    ):
        with pytest.raises(EmbeddingError, match=rf"(.|\n)*{message}"):
            import_embeddings(root, "mine", tmp_path / name)


@pytest.mark.parametrize(
    ("ids", "vectors"),
    [("ids", "embeddings"), ("track_ids", "features"), ("filenames", "embeddings"), ("IDs", "Vectors")],
)
def test_names_that_other_programs_give_ids_and_vectors(root: Path, tmp_path: Path, ids: str, vectors: str) -> None:
    np.savez(tmp_path / "v.npz", **{ids: np.array(IDS), vectors: VECTORS})
    assert import_embeddings(root, "mine", tmp_path / "v.npz").imported == 3
    pq.write_table(pa.table({ids: IDS, vectors: VECTORS.tolist()}), tmp_path / "v.parquet")
    assert import_embeddings(root, "again", tmp_path / "v.parquet").imported == 3
    assert stored(root) == EXPECTED


def test_a_parquet_column_may_be_called_as_the_encoder_is(root: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"__index_level_0__": IDS, "mine": VECTORS.tolist()}), tmp_path / "v.parquet")
    import_embeddings(root, "mine", tmp_path / "v.parquet")
    assert stored(root) == EXPECTED


def test_an_archive_of_vectors_alone_takes_a_list_of_ids(root: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", VECTORS)
    (tmp_path / "ids.txt").write_text("a\nb\nc\n")
    import_embeddings(root, "mine", tmp_path / "v.npz", ids=tmp_path / "ids.txt")
    assert stored(root) == EXPECTED


def test_a_list_of_ids_that_would_not_be_read_is_refused(root: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": IDS, "vector": VECTORS.tolist()}), tmp_path / "v.parquet")
    for name in (npz(tmp_path / "v.npz"), tmp_path / "v.parquet"):
        with pytest.raises(EmbeddingError, match=r"ids of its own(.|\n)*Leave out --ids"):
            import_embeddings(root, "mine", name, ids=tmp_path / "ids.txt")


def test_lists_of_ids_that_are_none(root: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    np.save(tmp_path / "ids.npy", np.array(IDS))
    (tmp_path / "gap.txt").write_text("a\n\nb\nc\n")
    for name, message in (("ids.npy", "an .npy file, not a text"), ("gap.txt", r"gap\.txt:2: the line is empty")):
        with pytest.raises(EmbeddingError, match=message):
            import_embeddings(root, "mine", tmp_path / "v.npy", ids=tmp_path / name)


def test_a_table_the_wrong_way_round_is_told(root: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match=r"4 vectors, but there are 3 ids(.|\n)*vectors\.T"):
        import_embeddings(root, "mine", npz(tmp_path / "v.npz", vectors=VECTORS.T))


@pytest.mark.parametrize("ids", [["a.wav", "b.wav"], ["/music/a.MP3", "x"], ["A", "B"]])
def test_ids_that_nearly_fit_are_named(root: Path, tmp_path: Path, ids: list[str]) -> None:
    with pytest.raises(EmbeddingError, match=f"would fit but for folder, ending, case or zeros: '{ids[0]}' for 'a'"):
        import_embeddings(root, "mine", npz(tmp_path / "v.npz", ids, VECTORS[: len(ids)]))


def test_vectors_that_are_replaced_are_counted(root: Path, tmp_path: Path) -> None:
    import_embeddings(root, "mine", npz(tmp_path / "v.npz", ["a"], VECTORS[:1]))
    report = import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    assert any("1 track with a 'mine' vector before" in line for line in report.lines())


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\\b"])
def test_a_name_must_be_a_plain_word(root: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(EmbeddingError, match="cannot be an encoder's name"):
        import_embeddings(root, name, npz(tmp_path / "v.npz"))


@pytest.mark.parametrize("name", ["=1+1", "a,b", "+1", "all", "Last", " ", "*", "x" * 101, "a\x1b[2J", "-x", "größe"])
def test_a_name_that_nothing_else_could_use_is_refused(root: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(EmbeddingError, match="cannot be an encoder's name"):
        import_embeddings(root, name, npz(tmp_path / "v.npz"))


def test_another_vector_for_a_track_changes_the_table_so_that_an_index_is_seen_to_be_old(
    root: Path, tmp_path: Path
) -> None:
    table = root / "embeddings/audio/mine/rows.parquet"
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    before = table.read_bytes()
    import_embeddings(root, "mine", npz(tmp_path / "v.npz"))
    assert table.read_bytes() == before
    import_embeddings(root, "mine", npz(tmp_path / "w.npz", vectors=VECTORS + 1))
    assert table.read_bytes() != before

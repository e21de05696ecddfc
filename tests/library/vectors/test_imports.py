"""Vectors made elsewhere: every form, and everything that does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.library.vectors.files import vector_file
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.store import VectorWriter, open_vectors

IDS = ["a", "b", "c"]
VECTORS = np.arange(12).reshape(3, 4)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    captions = [Caption(caption_id=f"{t}#{n}", track_id=t, text=f"{t}{n}") for t in "abcd" for n in (0, 1)]
    save_library(tmp_path / "lib", [Track(track_id=t, split="train") for t in "abcd"], captions, {})
    return tmp_path / "lib"


def npz(path: Path, ids: list[str] | None = None, vectors: np.ndarray = VECTORS) -> Path:
    np.savez(path, ids=np.array(ids or IDS), vectors=vectors)
    return path


def stored(root: Path, name: str = "mine", kind: str = "audio") -> dict[str, list[float]]:
    found = open_vectors(root / "embeddings" / kind / name)
    return {item: found.take([item])[0].tolist() for item in found.ids}


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
    assert "1 ids of" in text
    assert "zzz" in text
    assert "2 tracks of this library still have no 'mine' vector: b, d" in text
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
    ("value", "message"), [(np.nan, "not finite"), (-np.inf, "not finite"), (1e6, r"goes up to 1e\+06")]
)
def test_values_that_cannot_be_stored_are_refused_before_anything_is_written(
    root: Path, tmp_path: Path, value: float, message: str
) -> None:
    vectors = VECTORS.astype(np.float64)
    vectors[2, 1] = value
    with pytest.raises(EmbeddingError, match=rf"row 3 \('c'\) .*{message}(.|\n)*Divide all vectors"):
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
        ({"id": IDS, "vector": [[1.0], [1.0, 2.0], [1.0]]}, "differ in length"),
        ({"id": IDS, "vector": [1.0, 2.0, 3.0]}, "not lists"),
    ):
        pq.write_table(pa.table(columns), tmp_path / "v.parquet")
        with pytest.raises(EmbeddingError, match=message):
            import_embeddings(root, "mine", tmp_path / "v.parquet")


def test_files_that_cannot_be_read(root: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    np.savez(tmp_path / "objects.npz", ids=np.array(IDS, dtype=object), vectors=VECTORS)
    np.savez(tmp_path / "nameless.npz", x=VECTORS)
    (tmp_path / "v.csv").write_text("")
    for name, message in (
        ("v.npy", "--ids"),
        ("objects.npz", "dtype=str"),
        ("nameless.npz", "no 'ids'"),
        ("v.csv", "no known form"),
        ("none.npz", "no file"),
    ):
        with pytest.raises(EmbeddingError, match=rf"(.|\n)*{message}"):
            import_embeddings(root, "mine", tmp_path / name)


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\\b"])
def test_a_name_must_be_a_plain_word(root: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(EmbeddingError, match="cannot be an encoder's name"):
        import_embeddings(root, name, npz(tmp_path / "v.npz"))


def npz_of(path: Path, **arrays: object) -> Path:
    np.savez(path, **{name: np.array(value) for name, value in arrays.items()})
    return path


def random(rows: int, size: int = 6) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((rows, size)).astype(np.float32)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    save_library(tmp_path / "large", [Track(track_id=f"t{i:02}", split="train") for i in range(24)], [], {})
    return tmp_path / "large"


LARGE = [f"t{i:02}" for i in range(24)]


class TestCaptions:
    """A row and its text stay together, whatever was dropped, repeated or counted otherwise."""

    def test_a_file_that_holds_its_texts_goes_by_them_and_not_by_its_numbers(self, root: Path, tmp_path: Path) -> None:
        file = npz_of(
            tmp_path / "v.npz",
            ids=["a#0", "a#1", "a#2", "b", "c#0"],
            texts=["a0", "a0", "A1 ", "b1", "other"],
            vectors=[[1, 0], [1, 0], [2, 0], [0, 3], [4, 4]],
        )
        report = import_embeddings(root, "words", file, kind="text")
        assert stored(root, "words", "text") == {"a#0": [1, 0], "a#1": [2, 0], "b#1": [0, 3]}
        assert report.other_text == ("c#0",)
        assert "another text" in "\n".join(report.lines())

    def test_parquet_has_its_texts_in_a_column(self, root: Path, tmp_path: Path) -> None:
        table = {"id": ["a", "a", "b"], "caption": ["a1", "a0", "b0"], "vector": [[1.0, 5], [2.0, 4], [3.0, 3]]}
        pq.write_table(pa.table(table), tmp_path / "v.parquet")
        import_embeddings(root, "words", tmp_path / "v.parquet", kind="text")
        assert stored(root, "words", "text") == {"a#1": [1, 5], "a#0": [2, 4], "b#0": [3, 3]}

    def test_tracks_that_count_more_captions_than_the_library_are_left_out_and_named(
        self, root: Path, tmp_path: Path
    ) -> None:
        file = npz_of(tmp_path / "v.npz", ids=["a#0", "a#1", "a#2", "b#0", "b#1"], vectors=random(5))
        report = import_embeddings(root, "words", file, kind="text")
        assert set(stored(root, "words", "text")) == {"b#0", "b#1"}
        assert report.doubtful == {"a": "a has 3 caption vectors in the file, 2 captions here"}
        assert report.unknown == ()
        text = "\n".join(report.lines())
        assert "a has 3 caption vectors in the file, 2 captions here" in text
        assert "text beside its id" in text

    def test_where_every_track_is_in_doubt_nothing_is_written(self, root: Path, tmp_path: Path) -> None:
        file = npz_of(tmp_path / "v.npz", ids=["a#0", "a#1", "a#2"], vectors=random(3))
        with pytest.raises(EmbeddingError, match="a has 3 caption vectors in the file, 2 captions here"):
            import_embeddings(root, "words", file, kind="text")
        assert not (root / "embeddings").exists()

    def test_a_library_that_counts_rows_leaves_holes_and_is_believed(self, tmp_path: Path) -> None:
        captions = [Caption(caption_id=f"a#{n}", track_id="a", text=f"a{n}") for n in (0, 2)]
        save_library(tmp_path / "lib", [Track(track_id="a", split="train")], captions, {})
        file = npz_of(tmp_path / "v.npz", ids=["a#0", "a#1", "a#2"], vectors=[[1, 0], [2, 0], [3, 0]])
        report = import_embeddings(tmp_path / "lib", "words", file, kind="text")
        assert stored(tmp_path / "lib", "words", "text") == {"a#0": [1, 0], "a#2": [3, 0]}
        assert report.unknown == ("a#1",)

    def test_texts_of_no_caption_here_are_refused(self, root: Path, tmp_path: Path) -> None:
        file = npz_of(tmp_path / "v.npz", ids=["a", "b"], texts=["x", ""], vectors=random(2))
        with pytest.raises(EmbeddingError, match=r"None of the 2 texts .* 'a: x', 'b: no text'"):
            import_embeddings(root, "words", file, kind="text")

    def test_a_text_more_or_less_than_rows_is_refused(self, root: Path, tmp_path: Path) -> None:
        file = npz_of(tmp_path / "v.npz", ids=["a", "b"], texts=["x"], vectors=random(2))
        with pytest.raises(EmbeddingError, match="2 ids, but 1 texts"):
            import_embeddings(root, "words", file, kind="text")


class TestNumbersThatDescribeNothing:
    def test_rows_of_zeros_are_named_and_count_as_failed(self, large: Path, tmp_path: Path) -> None:
        vectors = random(24)
        vectors[::3] = 0
        vectors[1] = 1e-9  # zero once it is stored
        report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", LARGE, vectors))
        assert report.zero == ("t00", "t01", "t03", "t06", "t09", "t12", "t15", "t18", "t21")
        assert report.imported == 15
        assert "9 rows of" in "\n".join(report.lines())
        found = open_vectors(large / "embeddings/audio/mine")
        assert set(found.failed) == set(report.zero) == set(report.lacking)
        assert found.failed["t00"] == "its vector is all zeros"

    def test_a_row_of_zeros_takes_no_good_vector_away(self, large: Path, tmp_path: Path) -> None:
        vectors = random(24)
        import_embeddings(large, "mine", npz(tmp_path / "v.npz", LARGE, vectors))
        before = stored(large)
        vectors[4] = 0
        report = import_embeddings(large, "mine", npz(tmp_path / "w.npz", LARGE, vectors))
        assert stored(large) == before
        assert report.zero == ("t04",)
        assert "t04" not in report.replaced
        assert len(report.replaced) == 23

    def test_a_vector_that_many_have_is_called_a_placeholder(self, large: Path, tmp_path: Path) -> None:
        vectors = random(24)
        vectors[[2, 5, 9, 11, 20]] = vectors[0]
        report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", LARGE, vectors))
        assert report.shared == (("t00", "t02", "t05", "t09", "t11", "t20"),)
        assert "One vector stands for 6 tracks" in "\n".join(report.lines())
        vectors[[5, 9, 11, 20]] = random(24)[[5, 9, 11, 20]]
        assert import_embeddings(large, "mine", npz(tmp_path / "w.npz", LARGE, vectors)).shared == ()

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda v: v * 1e-9, r"at most, which half precision(.|\n)*Multiply all vectors by 1e\+0[89]"),
            (lambda v: v * 1e-7, r"at most, which half precision(.|\n)*Multiply all vectors by 1e\+0[67]"),
            (lambda v: 30_000 + 1.5 * v, r"differ by 1\.\d+ only(.|\n)*Subtract the mean"),
            (lambda v: 100 + 0.1 * v, r"differ by 0\.\d+ only"),
            (lambda v: v * [1, 1, 1e-9, 1e-9, 1e-9, 1e-9], "half precision"),
            (lambda v: np.ones_like(v), "all 24 rows are the same vector"),
            (lambda v: np.zeros_like(v), "all 24 rows are zero"),
        ],
    )
    def test_what_half_precision_cannot_tell_apart_is_refused(self, large, tmp_path, make, message) -> None:
        with pytest.raises(EmbeddingError, match=message):
            import_embeddings(large, "mine", npz(tmp_path / "v.npz", LARGE, make(random(24).astype(np.float64))))
        assert not (large / "embeddings").exists()

    def test_the_advice_of_a_refusal_works(self, large: Path, tmp_path: Path) -> None:
        vectors = random(24).astype(np.float64)
        import_embeddings(large, "small", npz(tmp_path / "v.npz", LARGE, vectors * 1e-9 * 1e9))
        offset = 30_000 + vectors
        import_embeddings(large, "offset", npz(tmp_path / "w.npz", LARGE, (offset - offset.mean(0)) / offset.std(0)))

    def test_single_columns_that_stand_still_or_lose_much_are_counted(self, large: Path, tmp_path: Path) -> None:
        vectors = random(24).astype(np.float64)
        vectors[:, 0] = 7
        vectors[:, 1] = 20_000 + vectors[:, 1]
        report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", LARGE, vectors))
        assert (report.still, report.coarse) == (1, 1)
        text = "\n".join(report.lines())
        assert "1 of 6 numbers are the same in every row" in text
        assert "1 of 6 numbers lose more than 1 %" in text

    def test_whole_numbers_and_blocks_make_no_difference(self, large, tmp_path, monkeypatch) -> None:
        monkeypatch.setattr(vector_file, "BLOCK_BYTES", 4 * 6 * 5)
        vectors = np.random.default_rng(0).integers(-9, 9, (24, 6))
        vectors[3] = 0
        report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", LARGE, vectors))
        assert report.zero == ("t03",)


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

"""Vectors made elsewhere whose numbers describe nothing, or nothing that half precision can hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import EmbeddingError
from antiphon.library.vectors.files import vector_file
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.store import open_vectors
from tests.helpers.libraries.imported import npz, random, stored
from tests.helpers.libraries.plain import plain_library

LARGE = [f"t{i:02}" for i in range(24)]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return plain_library(tmp_path / "large", dict.fromkeys(LARGE, "train")).root


def test_rows_of_zeros_are_named_and_count_as_failed(large: Path, tmp_path: Path) -> None:
    vectors = random(24)
    vectors[::3] = 0
    vectors[1] = 1e-9  # zero once it is stored
    report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", ids=LARGE, vectors=vectors))
    assert report.zero == ("t00", "t01", "t03", "t06", "t09", "t12", "t15", "t18", "t21")
    assert report.imported == 15
    assert "9 rows of" in "\n".join(report.lines())
    found = open_vectors(large / "embeddings/audio/mine")
    assert set(found.failed) == set(report.zero) == set(report.lacking)
    assert found.failed["t00"] == "its vector is all zeros"


def test_a_row_of_zeros_takes_no_good_vector_away(large: Path, tmp_path: Path) -> None:
    vectors = random(24)
    import_embeddings(large, "mine", npz(tmp_path / "v.npz", ids=LARGE, vectors=vectors))
    before = stored(large)
    vectors[4] = 0
    report = import_embeddings(large, "mine", npz(tmp_path / "w.npz", ids=LARGE, vectors=vectors))
    assert stored(large) == before
    assert report.zero == ("t04",)
    assert "t04" not in report.replaced
    assert len(report.replaced) == 23


def test_a_vector_that_many_have_is_called_a_placeholder(large: Path, tmp_path: Path) -> None:
    vectors = random(24)
    vectors[[2, 5, 9, 11, 20]] = vectors[0]
    report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", ids=LARGE, vectors=vectors))
    assert report.shared == (("t00", "t02", "t05", "t09", "t11", "t20"),)
    assert "One vector stands for 6 tracks" in "\n".join(report.lines())
    vectors[[5, 9, 11, 20]] = random(24)[[5, 9, 11, 20]]
    assert import_embeddings(large, "mine", npz(tmp_path / "w.npz", ids=LARGE, vectors=vectors)).shared == ()


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
def test_what_half_precision_cannot_tell_apart_is_refused(large, tmp_path, make, message) -> None:
    with pytest.raises(EmbeddingError, match=message):
        import_embeddings(
            large, "mine", npz(tmp_path / "v.npz", ids=LARGE, vectors=make(random(24).astype(np.float64)))
        )
    assert not (large / "embeddings").exists()


def test_the_advice_of_a_refusal_works(large: Path, tmp_path: Path) -> None:
    vectors = random(24).astype(np.float64)
    import_embeddings(large, "small", npz(tmp_path / "v.npz", ids=LARGE, vectors=vectors * 1e-9 * 1e9))
    offset = 30_000 + vectors
    import_embeddings(
        large, "offset", npz(tmp_path / "w.npz", ids=LARGE, vectors=(offset - offset.mean(0)) / offset.std(0))
    )


def test_single_columns_that_stand_still_or_lose_much_are_counted(large: Path, tmp_path: Path) -> None:
    vectors = random(24).astype(np.float64)
    vectors[:, 0] = 7
    vectors[:, 1] = 20_000 + vectors[:, 1]
    report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", ids=LARGE, vectors=vectors))
    assert (report.still, report.coarse) == (1, 1)
    text = "\n".join(report.lines())
    assert text.startswith("24 of the file's 24 vectors stored in ")
    assert "1 of the 6 numbers of a vector are the same in every one" in text
    assert "1 of the 6 numbers of a vector lose more than 1 %" in text


@pytest.mark.parametrize("much", [1, 5])
def test_what_a_file_in_half_precision_lost_before_is_counted_and_keeps_nothing_out(
    large: Path, tmp_path: Path, much: int
) -> None:
    vectors = random(24).astype(np.float64)
    vectors[:, :much] += 2_000
    halved = vectors.astype(np.float16)
    report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", ids=LARGE, vectors=halved))
    assert (report.coarse, report.half) == (much, True)
    assert f"{much} of the 6 numbers of a vector had lost more than 1 % of their spread before" in report.lines()[-1]
    fine = import_embeddings(large, "fine", npz(tmp_path / "w.npz", ids=LARGE, vectors=random(24).astype(np.float16)))
    assert (fine.coarse, len(fine.lines())) == (0, 1)


def test_whole_numbers_and_blocks_make_no_difference(large, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(vector_file, "BLOCK_BYTES", 4 * 6 * 5)
    vectors = np.random.default_rng(0).integers(-9, 9, (24, 6))
    vectors[3] = 0
    report = import_embeddings(large, "mine", npz(tmp_path / "v.npz", ids=LARGE, vectors=vectors))
    assert report.zero == ("t03",)

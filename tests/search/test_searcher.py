"""Ranking of answers and playlists; whole searches are in tests/end_to_end."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import CheckpointError, ConfigError, LibraryError
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.search.checkpoints import best_checkpoint
from antiphon.search.hits import top
from antiphon.search.queries.readable import readable
from antiphon.search.searcher import Searcher
from tests.helpers.libraries.made_vectors import make_library


def naive_top(scores: np.ndarray, k: int) -> list[int]:
    return sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:k]


@given(
    scores=st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60),
    k=st.integers(min_value=0, max_value=70),
)
def test_top_equals_a_full_stable_sort_also_with_ties(scores: list[float], k: int) -> None:
    array = np.array(scores, np.float32)
    assert top(array, k).tolist() == naive_top(array, k)


def test_a_library_without_checkpoints_says_what_to_run(tmp_path: Path) -> None:
    save_library(tmp_path, [Track(track_id="a")], [Caption(caption_id="a#0", track_id="a", text="x")], {})
    with pytest.raises(CheckpointError, match="antiphon import-embeddings NAME FILE"):
        best_checkpoint(tmp_path)


def test_a_folder_that_is_no_library_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"nolib is not an Antiphon library"):
        best_checkpoint(tmp_path / "nolib")


@pytest.mark.parametrize("k", [0, -1, -999])
def test_fewer_than_one_answer_cannot_be_asked_for(k: int) -> None:
    searcher = Searcher.__new__(Searcher)  # refused before anything is opened
    with pytest.raises(ConfigError, match=rf"k is {k}: it has to be at least 1"):
        searcher.search("piano", k=k)
    with pytest.raises(ConfigError, match="at least 1"):
        searcher.similar("a", k=k)


@pytest.mark.parametrize(
    ("typed", "read"), [(b"caf\xe9 jazz", "café jazz"), ("naïve café".encode(), "naïve café"), (b"\x81", "\ufffd")]
)
def test_a_query_in_bytes_that_are_no_utf8_is_read_as_the_usual_alphabet(typed: bytes, read: str) -> None:
    assert readable(typed.decode("utf-8", "surrogateescape")) == read


def test_half_a_character_as_json_can_write_it_is_read_as_unknown() -> None:
    assert readable("calm \ud83c piano") == "calm ? piano"


def test_scores_that_are_no_numbers_stand_last_and_hide_no_answer() -> None:
    scores = np.array([np.nan, 0.3, np.nan, 0.9, 0.1], np.float32)
    assert top(scores, 5).tolist() == [3, 1, 4, 0, 2]
    assert top(scores, 2).tolist() == [3, 1]


def test_a_damaged_checkpoint_does_not_keep_the_others_from_answering(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_library(tmp_path, train=20, val=6)
    train(tmp_path, "made", text="words", config=TrainConfig(epochs=1, dim=8))
    (tmp_path / "checkpoints" / "broken_best_r1.pt").write_bytes(b"half of it")
    assert best_checkpoint(tmp_path).name == "made_best_r1.pt"
    assert "broken_best_r1.pt is passed over" in caplog.text

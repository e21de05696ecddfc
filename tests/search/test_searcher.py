"""Ranking of answers and playlists; whole searches are in tests/end_to_end."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.errors import CheckpointError
from antiphon.search.hits import Hit, Hits
from antiphon.search.searcher import best_checkpoint, top


def naive_top(scores: np.ndarray, k: int) -> list[int]:
    return sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:k]


@given(
    scores=st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=60),
    k=st.integers(min_value=0, max_value=70),
)
def test_top_equals_a_full_stable_sort_also_with_ties(scores: list[float], k: int) -> None:
    array = np.array(scores, np.float32)
    assert top(array, k).tolist() == naive_top(array, k)


def hit(**changes: object) -> Hit:
    values = {"rank": 1, "track_id": "t1", "score": 0.5, "title": "Night", "artist": "Ada", "path": "/music/a.flac"}
    return Hit(**{**values, **changes})  # type: ignore[arg-type]


def test_playlist_names_artist_title_and_file() -> None:
    assert Hits([hit()]).to_m3u() == "#EXTM3U\n#EXTINF:-1,Ada - Night\n/music/a.flac\n"


def test_playlist_leaves_out_tracks_without_a_file() -> None:
    assert Hits([hit(path="")]).to_m3u() == "#EXTM3U\n"


def test_playlist_title_cannot_break_the_line_structure() -> None:
    text = Hits([hit(title="Two\nlines", artist="")]).to_m3u()
    assert text.splitlines()[1] == "#EXTINF:-1,Two lines"


def test_playlist_falls_back_to_the_track_id() -> None:
    assert "#EXTINF:-1,t1\n" in Hits([hit(title="", artist="")]).to_m3u()


def test_a_library_without_checkpoints_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="antiphon train --encoder all"):
        best_checkpoint(tmp_path)

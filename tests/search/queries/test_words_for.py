"""Captions for a track."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.search.queries.words_for import words_for
from antiphon.search.searcher import Searcher
from tests.helpers.light import make_trained_library


def test_captions_are_ranked_by_their_cosine_to_the_track_and_none_comes_twice(tmp_path: Path) -> None:
    searcher = Searcher(make_trained_library(tmp_path))
    track_id = str(searcher.index.track_ids[3])
    found = words_for(searcher, track_id, k=1000)
    texts = [each.text for each in found]
    assert sorted(texts) == sorted(set(searcher.library.caption_column("text")))
    vectors = searcher.model.embed_text(texts)
    cosines = vectors @ searcher.index.vectors[3][: searcher.model.dim]
    assert [each.score for each in found] == pytest.approx(cosines.tolist(), abs=0.02)  # stored vectors are float16
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    mine = searcher.library.caption_column("text")[searcher.library.caption_column("track_id") == track_id]
    assert {each.text for each in found if each.own} == set(mine)
    with pytest.raises(LibraryError, match="no track 'nowhere'"):
        words_for(searcher, "nowhere")
    with pytest.raises(ConfigError, match="k is 0"):
        words_for(searcher, track_id, k=0)

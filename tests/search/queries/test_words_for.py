"""Captions for a track."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.tag_strengths import TagMap
from antiphon.library.tracks import Track, save_library
from antiphon.search.light.opening import light_searcher
from antiphon.search.light.preparing import prepare
from antiphon.search.queries.words_for import tags_for, words_for
from antiphon.search.searcher import Searcher
from tests.helpers.libraries.made_vectors import write_vectors
from tests.helpers.trained.light import make_trained_library


def test_captions_are_ranked_by_their_cosine_to_the_track_and_none_comes_twice(tmp_path: Path) -> None:
    root = make_trained_library(tmp_path)
    searcher = Searcher(root)
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
    prepare(searcher)
    light = light_searcher(root)
    assert light is not None
    ours = words_for(light, track_id, k=1000)
    assert [(each.text, each.own) for each in ours] == [(each.text, each.own) for each in found]
    assert [each.score for each in ours] == pytest.approx([each.score for each in found], abs=1e-4)


def test_tags_that_were_heard_are_ranked_by_how_far_the_track_stands_out(tmp_path: Path) -> None:
    tracks = [Track(track_id=t, title=t) for t in "abc"]
    library = save_library(tmp_path, tracks, [], {})
    assert tags_for(library, "a") == []
    write_vectors(tmp_path, "audio", "tagger", list("abc"), np.array([[3.0, 1.0], [-2.0, 0.0], [-1.0, -1.0]]))
    names = ("msd:piano", "mtt:drums")
    TagMap(names=names, weight=np.eye(2, dtype=np.float32), bias=np.zeros(2, np.float32)).write(
        tmp_path / "embeddings" / "audio" / "tagger"
    )
    found = tags_for(library, "a")
    assert [(each.rank, each.text, each.kind) for each in found] == [(1, "piano", "tag"), (2, "drums", "tag")]
    assert found[0].score > found[1].score > 0.3
    assert [each.text for each in tags_for(library, "a", k=1)] == ["piano"]
    assert tags_for(library, "nobody") == []
    with pytest.raises(ConfigError, match="k is 0"):
        tags_for(library, "a", k=0)

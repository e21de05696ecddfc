"""Answers on a terminal: in a reader's words."""

from __future__ import annotations

import pytest

from antiphon.cli.searching.asking.shown import FOUND, show
from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.naming.first import NAME
from antiphon.search.zero_shot.searcher import SOUND
from antiphon.search.zero_shot.ways.caption_texts import NAMES
from antiphon.search.zero_shot.ways.metadata_words import MetadataWords
from antiphon.search.zero_shot.ways.sound_tags import SoundTags


def test_every_way_to_find_a_track_has_words() -> None:
    assert set(FOUND) == {NAME, *NAMES.values(), MetadataWords.name, SoundTags.name, SOUND}


def test_a_training_is_what_was_heard_and_its_name_stays_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    ways = ("name", "timbre+harmony_serving")
    hits = Hits(
        Hit(rank=n, track_id=f"t{n}", score=0.5, title=f"T{n}", artist="", path="", by=by)
        for n, by in enumerate(ways, 1)
    )
    show(hits, by=False, none="")
    said = capsys.readouterr().out
    assert "found by" in said
    assert "its name" in said
    assert "what was heard" in said
    assert "timbre" not in said
    assert [hit["by"] for hit in hits.to_dict()] == list(ways)

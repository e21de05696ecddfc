"""When ``antiphon embed`` reads the phrases of captions, and what it says of it."""

from __future__ import annotations

import pytest

from antiphon.api.embedded import embed_library
from antiphon.cli import embedding as command_line
from antiphon.embed import embed_text
from antiphon.embed.plan.planned import plan
from antiphon.library.phrases import has_phrases
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions
from tests.helpers.encoders.reader import in_place_of_text_encoders
from tests.helpers.libraries.plain import one_track_library as library


@pytest.fixture
def reader(monkeypatch):
    return in_place_of_text_encoders(monkeypatch)


LISTS = ("slow, sad, old", "sad, slow, old", "old, slow, sad")


def embedded_with(root, *told, capsys):
    """What ``antiphon embed`` says of phrases: its line, the line below it, and what they read."""
    command_line.embed(text=["reader"], library=root, **dict(told))
    lines = capsys.readouterr().out.splitlines()
    at = next((n for n, line in enumerate(lines) if "phrases have vectors" in line), None)
    return None if at is None else (lines[at].split(" in ")[0], lines[at + 1 : at + 2])


def test_phrases_that_captions_share_are_embedded_unasked_and_that_is_said_once(tmp_path, reader, capsys):
    root = library(tmp_path, *LISTS)
    found = embedded_with(root, capsys=capsys)
    assert found is not None
    assert found[0] == "reader: 3 of 3 phrases have vectors (3 new"
    assert "Read unasked: captions share them" in found[1][0]
    assert sorted(reader.read[3:]) == ["old", "sad", "slow"]
    again = embedded_with(root, capsys=capsys)
    assert again is not None
    assert again[0] == "reader: 3 of 3 phrases have vectors (0 new"
    assert not any("share them" in line for line in again[1])


def test_phrases_that_were_embedded_before_are_kept_complete(tmp_path, reader, capsys):
    root = library(tmp_path, *LISTS)
    embedded_with(root, capsys=capsys)
    library(tmp_path, "slow, new", "A sad one. It feels cold.")  # nobody shares these
    reader.read.clear()
    done = embed_library(root, [], ["reader"], options=LoadOptions())
    assert [(each.kind, each.already, each.embedded) for each in done.reports] == [("text", 0, 2), ("phrases", 1, 3)]
    assert sorted(reader.read[2:]) == ["A sad one", "It feels cold", "new"]


def test_phrases_are_left_out_where_nobody_shares_them_and_where_somebody_says_so(tmp_path, reader, capsys):
    sentences = library(tmp_path / "sentences", "A sad one. It feels cold.", "A fast one. It feels warm.")
    assert embedded_with(sentences, capsys=capsys) is None
    assert embedded_with(sentences, ("phrases", True), capsys=capsys) is not None
    lists = library(tmp_path / "lists", *LISTS)
    assert embedded_with(lists, ("phrases", False), capsys=capsys) is None


@pytest.mark.parametrize(("asked", "planned"), [(None, ["text", "phrases"]), (False, ["text"])])
def test_a_plan_says_what_would_be_read(tmp_path, reader, asked, planned):
    root = library(tmp_path, *LISTS)
    before = plan(root, [], ["reader"], options=LoadOptions(), phrases=asked)
    assert [(each.kind, len(each.waiting.positions)) for each in before.encoders] == [(kind, 3) for kind in planned]
    assert ("3 phrases (3 new)" in "\n".join(before.lines())) is ("phrases" in planned)
    embed_library(root, [], ["reader"], options=LoadOptions(), phrases=asked)
    after = plan(root, [], ["reader"], options=LoadOptions(), phrases=asked)
    assert [len(each.waiting.positions) for each in after.encoders] == [0 for _ in planned]


def test_phrases_of_one_text_encoder_make_none_of_another(tmp_path, reader):
    root = library(tmp_path, "A sad one. It feels cold.")
    embed_text(root, "reader")
    embed_text(root, "reader", phrases=True)
    assert has_phrases(Library(root), "reader")
    assert not has_phrases(Library(root), "reader+other")

"""Groups, joins, and merging groups in a library that exists."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.library.leakage.groups import (
    Forest,
    Join,
    base_group,
    known_artist,
    merge,
    read_audit,
)
from antiphon.library.leakage.identical_files import content_joins
from antiphon.library.tracks import Library
from tests.helpers.libraries.plain import plain_library


def join(a: str, b: str, reason: str = "near-identical audio") -> Join:
    return Join(a=a, b=b, reason=reason, evidence="cosine 0.999")


def library(root: Path, splits: dict[str, str]) -> Library:
    return plain_library(root, splits, captions={track: [track] for track in splits}, seed=0)


@pytest.mark.parametrize(
    ("artist", "known"),
    [
        ("  The  BAND ", "the band"),
        ("Unknown Artist", ""),
        ("Various Artists", ""),
        ("A feat. B", "a"),
        ("A (ft. B)", "a"),
        ("Daft Punk", "daft punk"),
    ],
)
def test_artists_are_normalised(artist: str, known: str) -> None:
    assert known_artist(artist) == known


def test_a_group_is_named_by_the_manifest_else_the_artist_else_the_track() -> None:
    assert base_group(track_id="1", group="g", artist="A") == "g"
    assert base_group(track_id="1", artist="A") == "artist:a"
    assert base_group(track_id="1", artist="unknown") == "track:1"


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=20), st.randoms())
def test_merging_agrees_with_a_search_of_the_graph_in_any_order(
    edges: list[tuple[int, int]], rng: random.Random
) -> None:
    names = [f"n{i:02}" for i in range(16)]
    joins = [join(names[a], names[b]) for a, b in edges]
    expected = []
    for i in range(16):
        reached, frontier = {i}, [i]
        while frontier:
            here = frontier.pop()
            for a, b in edges:
                for other in ({a, b} - {here}) if here in (a, b) else ():
                    if other not in reached:
                        reached.add(other)
                        frontier.append(other)
        expected.append(names[min(reached)])
    assert merge(names, names, joins) == expected
    rng.shuffle(joins)
    assert merge(names, names, joins) == expected


def test_union_says_whether_anything_changed() -> None:
    forest = Forest()
    assert forest.union("b", "a")
    assert not forest.union("a", "b")
    assert forest.find("b") == "a"


def test_a_join_about_an_unknown_track_changes_nothing() -> None:
    assert merge(["a"], ["g"], [join("a", "zzz")]) == ["g"]


def test_a_damaged_audit_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text("{")
    assert read_audit(tmp_path) == {}


def test_equal_files_join_and_equal_sizes_alone_do_not(tmp_path: Path) -> None:
    large = bytes(range(256)) * 1024
    contents = [b"same", b"same", b"diff", b"", b"", large, large[:-1] + b"x", large, None]
    paths = []
    for i, content in enumerate(contents):
        path = tmp_path / str(i)
        if content is not None:
            path.write_bytes(content)
        paths.append(str(i) if content is not None else "")
    sizes = [len(c) if c is not None else 4 for c in contents]
    joins = content_joins([str(i) for i in range(9)], tmp_path, paths, sizes)
    assert [(j.a, j.b, j.reason) for j in joins] == [("0", "1", "same file content"), ("5", "7", "same file content")]
    assert content_joins(["a", "b"], tmp_path, ["", ""], [-1, -1]) == []


def test_parts_of_one_file_join_and_are_called_that(tmp_path: Path) -> None:
    (tmp_path / "full.wav").write_bytes(b"sound")
    (tmp_path / "copy.wav").write_bytes(b"sound")
    paths = ["full.wav#t=0,1", "full.wav#t=1,2", "copy.wav"]
    joins = content_joins(list("abc"), tmp_path, paths, [5, 5, 5])
    assert [(j.a, j.b, j.reason) for j in joins] == [("a", "b", "parts of one file"), ("a", "c", "same file content")]

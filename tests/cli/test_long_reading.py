"""Where reading captions takes long, embed says how to leave out those that Antiphon made; once, and nowhere else."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from antiphon.cli.embedding import _LeavingOut
from antiphon.embed import Progress
from antiphon.library.tracks import Caption, Track, save_library


def at(done: int, seconds: float, total: int = 10_000) -> Progress:
    return Progress(done=done, total=total, failed=0, audio_seconds=0.0, seconds=seconds)


def leaving_out(root: Path, *kinds: str) -> _LeavingOut:
    captions = [
        Caption(caption_id=f"a#{n}", track_id="a", text=f"slow {n}", kind=kind)  # type: ignore[arg-type]
        for n, kind in enumerate(kinds)
    ]
    save_library(root, [Track(track_id="a")], captions, {})
    return _LeavingOut(root)


def test_it_is_said_once_where_much_is_left(tmp_path: Path) -> None:
    hint = leaving_out(tmp_path, "human", "tags", "tags")
    assert hint.lines("captions with minilm", at(100, 4.9)) == [], "a pace has to settle"
    [said] = hint.lines("captions with minilm", at(256, 10.0))
    assert said.startswith("Captions take about 6 minutes more to read; Antiphon made 2 of 3, by which")
    assert f"antiphon caption --remove --library {shlex.quote(str(tmp_path))}" in said
    assert hint.lines("captions with minilm", at(512, 20.0)) == []


@pytest.mark.parametrize(
    ("what", "kinds", "progress"),
    [
        ("audio with timbre", ("tags",), at(256, 10.0)),
        ("captions with minilm", ("human", "human", "tags"), at(256, 10.0)),
        ("captions with minilm", ("tags",), at(9_000, 360.0)),
        ("captions with minilm", ("tags",), at(0, 10.0)),
    ],
)
def test_elsewhere_nothing_is_said(tmp_path: Path, what: str, kinds: tuple[str, ...], progress: Progress) -> None:
    assert leaving_out(tmp_path, *kinds).lines(what, progress) == []

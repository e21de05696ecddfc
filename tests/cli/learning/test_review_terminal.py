"""The review in a terminal, key by key."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from antiphon.cli.learning.review_terminal import Player, key_reader, review_in_terminal
from antiphon.evaluate.review.queue import ReviewQueue
from antiphon.library.addresses import Span
from antiphon.library.judgements.file import read_judgements
from tests.helpers.evaluated.reviewed import some_candidates


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    return ReviewQueue(*some_candidates(tmp_path))


def pressed(queue: ReviewQueue, keys: str, *, graded: bool = False) -> list[tuple[str, int | None]]:
    """What is stored after these keys."""
    waiting = iter(keys)
    review_in_terminal(queue, lambda: next(waiting, ""), Player(""), graded=graded)
    return [(each.verdict, each.grade) for each in read_judgements(queue.library.root).lines]


def test_a_key_a_verdict(queue: ReviewQueue, capsys: pytest.CaptureFixture[str]) -> None:
    assert pressed(queue, "sdu") == [("same", None), ("different", None), ("unsure", None)]
    shown = capsys.readouterr().out
    assert "3 of 3 (2 judged: 1 different, 1 same)" in shown
    assert "“calm piano”" in shown
    assert "3 judged, stored in judgements.jsonl; 0 left." in shown


def test_back_judges_again_and_quit_keeps_what_was_said(queue: ReviewQueue, capsys: pytest.CaptureFixture[str]) -> None:
    assert pressed(queue, "sbdq") == [("same", None), ("different", None)]
    assert "1 judged, stored in judgements.jsonl; 2 left." in capsys.readouterr().out


def test_grades_are_taken_where_they_are_asked_for(queue: ReviewQueue) -> None:
    assert pressed(queue, "79s2d0q", graded=True) == [("same", 2), ("different", 0)]


def test_a_digit_is_no_verdict_where_no_grade_is_asked_for(
    queue: ReviewQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pressed(queue, "3") == []
    assert capsys.readouterr().out.count("s same, d different") == 2


def test_without_a_player_the_path_is_printed(queue: ReviewQueue, capsys: pytest.CaptureFixture[str]) -> None:
    pressed(queue, "po")
    shown = capsys.readouterr().out
    assert shown.count("no player found") == 2
    assert "a.wav#t=1,2" in shown


def test_ctrl_c_is_quit(queue: ReviewQueue, capsys: pytest.CaptureFixture[str]) -> None:
    keys = iter("s")

    def key() -> str:
        for one in keys:
            return one
        raise KeyboardInterrupt

    review_in_terminal(queue, key, Player(""))
    assert "1 judged" in capsys.readouterr().out


def test_through_a_pipe_a_line_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("same\n\n  d\n"))
    read = key_reader()
    assert [read(), read(), read()] == ["s", "d", ""]


def test_a_player_gets_the_part_and_a_path_that_is_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Started:
        def __init__(self, command: list[str], **_: object) -> None:
            started.append(command)

        def terminate(self) -> None:
            started.append(["terminated"])

        def wait(self, timeout: float) -> None:
            pass

    monkeypatch.setattr(subprocess, "Popen", Started)
    player = Player("/usr/bin/mpv")
    assert player.play(tmp_path / "-x.mp3", Span(1.0, 2.0))
    player.stop()
    path = str(tmp_path / "-x.mp3")
    assert started[0][-4:] == ["--start=1.0", "--end=2.0", "--", path]
    assert started[1] == ["terminated"]

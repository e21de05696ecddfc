"""The review in a terminal: one pair at a time, a key a verdict, sound by the player that the machine has.

Through a pipe the same letters are verdicts, a line each.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from antiphon.cli.output.console import say
from antiphon.cli.output.text import one_line
from antiphon.evaluate.review.candidates import Candidate
from antiphon.evaluate.review.queue import ReviewQueue
from antiphon.evaluate.review.shown import ShownTrack
from antiphon.library.addresses import Span, split_part
from antiphon.library.judgements.judgement import GRADES, Verdict

KEYS: dict[str, Verdict] = {"s": "same", "d": "different", "u": "unsure"}
UNSURE = ("u",)
"""What stays of them beside grades."""
HELP = "s same, d different, u unsure, p play it, o play the one it was written for, b back, q quit"
HELP_GRADED = "0 does not fit … 3 could have been written for it, u unsure, p play, o play the other, b back, q quit"
MOST_CAPTIONS = 3

ReadKey = Callable[[], str]
"""The next key; "" where nobody will press one any more."""
Arguments = Callable[[str, Span], list[str]]


def review_in_terminal(queue: ReviewQueue, read_key: ReadKey, player: Player, *, graded: bool = False) -> None:
    """Ask about one candidate after another until there is none, or nobody answers."""
    say([*queue.remarks, HELP_GRADED if graded else HELP])
    try:
        while queue.current is not None:
            say(_lines(queue, queue.current))
            if not _answered(queue, read_key, player, graded=graded):
                break
    except KeyboardInterrupt:
        pass
    finally:
        player.stop()
    left = len(queue.candidates) - len(queue.verdicts)
    say(["", f"{len(queue.verdicts)} judged, stored in judgements.jsonl; {left} left."])


def _answered(queue: ReviewQueue, read_key: ReadKey, player: Player, *, graded: bool) -> bool:
    """Take keys until the candidate is judged, or one goes back; False to leave."""
    current = queue.current
    assert current is not None
    while True:
        key = read_key().lower()
        if key in ("", "q"):
            return False
        if key in (UNSURE if graded else KEYS):
            queue.judge(KEYS[key])
        elif graded and key.isdecimal() and int(key) in GRADES:
            queue.judge("unsure", int(key))
        elif key == "b":
            queue.back()
        else:
            say(_other(queue, current, key, player, graded=graded))
            continue
        player.stop()
        return True


def _other(queue: ReviewQueue, current: Candidate, key: str, player: Player, *, graded: bool) -> str:
    """What a key does that is no verdict: play, or say which keys there are."""
    if key not in ("p", "o"):
        return HELP_GRADED if graded else HELP
    track = queue.shelf.track(current.track_id if key == "p" else current.written_for)
    if not track.sound:
        return "  the library knows no sound of it"
    if track.file is None:
        return f"  not on this machine: {one_line(track.sound)}"
    playing = player.play(track.file, split_part(track.sound)[1])
    return f"  {'playing' if playing else 'no player found (mpv, ffplay); it is at'} {one_line(track.sound)}"


def _lines(queue: ReviewQueue, candidate: Candidate) -> list[str]:
    meant, found = queue.shelf.track(candidate.written_for), queue.shelf.track(candidate.track_id)
    return [
        "",
        f"{queue.progress()}   doubt {candidate.doubt:.1f}",
        f"  words        “{one_line(candidate.query)}”",
        f"  found        {_named(found)}",
        *(f"               “{one_line(text)}”" for text in found.captions[:MOST_CAPTIONS]),
        f"  written for  {_named(meant)}",
        *(f"  {'why' if i == 0 else '':<13}{why}" for i, why in enumerate(candidate.why)),
    ]


def _named(track: ShownTrack) -> str:
    name = one_line(track.name)
    return name if track.name == track.track_id else f"{name}  ({one_line(track.track_id)})"


def key_reader() -> ReadKey:
    """Keys as they are pressed on a terminal; else the first letter of each line of stdin."""
    if not sys.stdin.isatty():
        return lambda: next((line.strip()[:1] for line in iter(sys.stdin.readline, "") if line.strip()), "")
    return _pressed


def _pressed() -> str:
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        key = sys.stdin.read(1)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    return "q" if key in ("\x04", "\x1b") else key


def _mpv(path: str, span: Span) -> list[str]:
    end = [] if span.end is None else [f"--end={span.end}"]
    return ["--no-video", "--really-quiet", "--no-terminal", f"--start={span.start}", *end, "--", path]


def _ffplay(path: str, span: Span) -> list[str]:
    length = [] if span.end is None else ["-t", str(span.end - span.start)]
    return ["-nodisp", "-autoexit", "-loglevel", "quiet", "-ss", str(span.start), *length, path]


PLAYERS: dict[str, Arguments] = {"mpv": _mpv, "ffplay": _ffplay, "afplay": lambda path, _: [path]}
"""Players that need no window, and the arguments that each takes; the first that is there plays."""


class Player:
    """One sound at a time; a new one stops the old.

    Parameters
    ----------
    command : path of the player; None for the first of :data:`PLAYERS` that is there, "" for none.
    """

    def __init__(self, command: str | None = None) -> None:
        there = (found for name in PLAYERS if (found := shutil.which(name)))
        self._command = next(there, "") if command is None else command
        self._playing: subprocess.Popen[bytes] | None = None

    def play(self, path: Path, span: Span | None = None) -> bool:
        """Play a file, or a part of it, from now on; False where the machine has no player."""
        self.stop()
        if not self._command:
            return False
        arguments = PLAYERS[Path(self._command).name](str(path.absolute()), span or Span(0.0))
        quiet = subprocess.DEVNULL
        self._playing = subprocess.Popen([self._command, *arguments], stdin=quiet, stdout=quiet, stderr=quiet)
        return True

    def stop(self) -> None:
        """Silence."""
        if self._playing is not None:
            self._playing.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._playing.wait(1)
            self._playing = None

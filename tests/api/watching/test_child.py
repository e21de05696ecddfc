"""Batches and watches as processes of their own: what they say comes back, and they end when they are asked to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.api.watching import child
from antiphon.api.watching.child import end, update_in_child, watching, watching_once
from antiphon.api.watching.updated import Updated
from antiphon.errors import LibraryError
from tests.helpers.processes.waiting import until

FAKE = """
import json, signal, sys, time
words = sys.argv[1:]
if "--once" not in words:
    signal.signal(signal.SIGTERM, lambda *_: (open(words[2] + "/ended", "w").close(), sys.exit(0)))
    open(words[2] + "/ready", "w").close()
    while True:
        time.sleep(0.01)  # a signal between two bytecodes does not wake the sleep that comes next
print({said!r})
print("Error: first\\nError: last", file=sys.stderr)
sys.exit({code})
"""


def fake(monkeypatch: pytest.MonkeyPatch, said: str, code: int = 0) -> None:
    script = FAKE.replace("{said!r}", repr(said)).replace("{code}", str(code))
    monkeypatch.setattr(child, "_command", lambda words: [sys.executable, "-c", script, *words])


def test_what_came_of_a_batch_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = Updated(tracks=3, new=1, heard=1, indexed=3, seconds=2.0)
    fake(monkeypatch, json.dumps({"updated": done.to_dict(), "problem": None}))
    assert update_in_child(tmp_path, playlists=True) == done


def test_a_problem_comes_back_with_its_fix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(monkeypatch, json.dumps({"updated": None, "problem": {"message": "It is away.", "fix": "Mount it."}}), 1)
    with pytest.raises(LibraryError, match=r"It is away\.") as told:
        update_in_child(tmp_path)
    assert told.value.fix == "Mount it."
    fake(monkeypatch, "", 3)
    with pytest.raises(LibraryError, match="antiphon watch --once failed: Error: last"):
        update_in_child(tmp_path)


def test_a_watch_beside_a_server_ends_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(monkeypatch, "")
    with watching(tmp_path) as process:
        until(lambda: (tmp_path / "ready").exists() or process.poll() is not None, "the watch is ready")
        assert process.poll() is None
    assert process.returncode == 0
    assert (tmp_path / "ended").exists()


def test_a_watch_begins_when_a_servers_first_work_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(monkeypatch, "")
    answers = iter([False, False])
    with watching_once(lambda: next(answers, True), tmp_path, look_s=0.001):
        until((tmp_path / "ready").exists, "the watch is ready")
        assert list(answers) == []
    assert (tmp_path / "ended").exists()


def test_a_watch_that_never_began_ends_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake(monkeypatch, "")
    with watching_once(lambda: False, tmp_path, look_s=60):
        pass
    assert not (tmp_path / "ready").exists()


def test_a_process_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "STOPS_S", 0.2)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    end(process)
    assert process.returncode == -signal.SIGKILL


def test_a_watch_does_not_outlive_a_server_that_is_killed() -> None:
    watched = "import time\nfrom antiphon.cli.output.parent import follow\nfollow()\nwhile True: time.sleep(0.01)"
    server = (
        "import time\nfrom pathlib import Path\nfrom antiphon.api.watching import child\n"
        f"child._command = lambda _: [{sys.executable!r}, '-c', {watched!r}]\n"
        "with child.watching(Path()):\n    print('runs', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"runs\n"
        killed.kill()
        killed.communicate(timeout=60)  # the watch holds the pipe of errors, too: it is read to its end

"""A command as a process: it tells how far it is, stops as at Ctrl-C, and does not outlive who started it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from antiphon.library.lock import only_writer
from antiphon.search.server.jobs import child as children
from antiphon.search.server.jobs.child import Child, CommandFailedError, LibraryBusyError
from tests.helpers.processes.running import runs
from tests.helpers.processes.waiting import until

WAITS = "while True: time.sleep(0.01)"  # not one long sleep: a signal just before it would not wake it
SLOW = f"""
import sys, time
from antiphon.cli.output.parent import follow, tell
follow()
try:
    tell("timbre", 1, 10)
    {WAITS}
except KeyboardInterrupt:
    print("Error: Stopped.\\n  → The same command carries on.", file=sys.stderr)
    sys.exit(130)
"""


def as_antiphon(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    """Let ``python -m antiphon`` be a program of the test."""
    (folder / "antiphon").mkdir()
    real = Path(children.__file__).parents[3]
    (folder / "antiphon" / "__init__.py").write_text(f"__path__.append({str(real)!r})\n")
    (folder / "antiphon" / "__main__.py").write_text(textwrap.dedent(program))
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_a_command_that_works_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = SLOW.replace(WAITS, "tell('timbre', 10, 10)")
    as_antiphon(monkeypatch, tmp_path, program)
    told: list[tuple[str, int, int]] = []
    Child(["embed"]).follow(lambda *more: told.append(more))
    assert told == [("timbre", 1, 10), ("timbre", 10, 10)]


def test_it_stops_as_at_ctrl_c_and_its_words_are_the_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_antiphon(monkeypatch, tmp_path, SLOW)
    child = Child(["embed"])
    with pytest.raises(CommandFailedError, match="Stopped") as found:
        child.follow(lambda *_: child.stop())
    assert found.value.fix == "The same command carries on."


def test_it_stops_also_where_a_shell_had_it_ignore_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_antiphon(monkeypatch, tmp_path, SLOW)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = Child(["embed"])
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(CommandFailedError, match="Stopped"):
        child.follow(lambda *_: child.stop())


def test_it_does_not_get_the_tokens_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os, sys\nsys.exit('Error: ' + os.environ.get('ANTIPHON_TOKENS', 'has none'))\n"
    as_antiphon(monkeypatch, tmp_path, program)
    monkeypatch.setenv("ANTIPHON_TOKENS", "owner-0123456789-abcdef")
    with pytest.raises(CommandFailedError, match="has none"):
        Child(["embed"]).follow(lambda *_: None)


def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_antiphon(monkeypatch, tmp_path, SLOW)
    server = (
        "import os, signal\nfrom antiphon.search.server.jobs.child import Child\nchild = Child(['embed'])\n"
        "def told(*_):\n    print(child._process.pid, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "child.follow(told)\n"
    )
    done = subprocess.run([sys.executable, "-c", server], capture_output=True, text=True, check=False)
    assert done.returncode == -9, done.stderr
    pid = int(done.stdout)
    until(lambda: not runs(pid), "the command ends")


def test_a_library_that_somebody_else_writes_is_told_from_other_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library").mkdir()
    held = (
        "import sys\nfrom pathlib import Path\nfrom antiphon.errors import LibraryError\n"
        "from antiphon.library.lock import only_writer\n"
        "try:\n    with only_writer(Path(sys.argv[2]), 'writing'):\n        pass\n"
        "except LibraryError as error:\n    sys.exit(f'Error: {error.problem}')\n"
    )
    as_antiphon(monkeypatch, tmp_path, held)
    with only_writer(tmp_path / "library", "writing"), pytest.raises(LibraryBusyError, match="Another process"):
        Child(["embed", str(tmp_path / "library")]).follow(lambda *_: None)


def test_one_that_says_nothing_is_described_by_how_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_antiphon(monkeypatch, tmp_path, "import os\nos.kill(os.getpid(), 9)\n")
    with pytest.raises(CommandFailedError, match="It ended with SIGKILL"):
        Child(["embed"]).follow(lambda *_: None)


def test_a_bug_is_in_the_log_and_no_traceback_in_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    as_antiphon(monkeypatch, tmp_path, "raise KeyError('Error: of nobody')\n")
    with pytest.raises(CommandFailedError, match=r"^It failed in a way that nobody foresaw") as found:
        Child(["embed"]).follow(lambda *_: None)
    assert "of nobody" not in str(found.value)
    assert "KeyError: 'Error: of nobody'" in caplog.text

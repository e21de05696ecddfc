"""What ends a command is one message with a fix; only a bug keeps its traceback."""

import errno
import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon import cli
from antiphon.cli import main
from antiphon.cli.output.failures import PROBLEM, STOPPED, explain
from antiphon.errors import LibraryError


def said(error: BaseException) -> str:
    explained = explain(error)
    assert explained is not None
    return explained[0]


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, "Make room"), (errno.EROFS, "can only be read"), (errno.EACCES, "permissions")],
)
def test_a_refusal_of_the_system_names_the_file_and_the_way_out(number: int, advice: str) -> None:
    message = said(OSError(number, os.strerror(number), "/music/lib/vectors.npy"))
    assert message.startswith(f"/music/lib/vectors.npy: {os.strerror(number)}")
    assert advice in message


def test_too_little_memory_is_a_message() -> None:
    assert "not enough memory (11 GiB)" in said(MemoryError("11 GiB"))


def test_a_bug_stays_one() -> None:
    assert explain(ValueError("kth(=9) out of bounds")) is None


def test_what_a_message_quotes_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in said(LibraryError("no track '\x1b]52;c;aGk=\x07'"))


def run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int | str | None:
    def fail(_arguments: object) -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    return ended.value.code


def test_exit_codes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, LibraryError("no library", fix="make one")) == PROBLEM
    assert run(monkeypatch, OSError(errno.ENOSPC, "No space left on device", "a")) == PROBLEM
    assert run(monkeypatch, KeyboardInterrupt("Stopped. Epoch 3 of 20 is saved.")) == STOPPED
    assert run(monkeypatch, KeyboardInterrupt()) == STOPPED
    shown = capsys.readouterr().err
    assert "no library" in shown
    assert "Epoch 3 of 20 is saved" in shown
    assert "the same command carries on" in shown


def test_what_the_library_logs_cannot_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        cli, "app", lambda _words: logging.getLogger("antiphon.search").warning("%s is damaged", "\x1b[2J")
    )
    for _ in range(2):
        cli.main([])
    assert capsys.readouterr().err == "Warning: \\x1b[2J is damaged\n" * 2


def test_ctrl_c_reaches_our_own_message(tmp_path: Path) -> None:
    """The command-line library would end the process without a word."""
    code = (
        "import antiphon.cli as c\ndef stop(**_):\n    raise KeyboardInterrupt('kept')\nc.app.default(stop)\nc.main([])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == STOPPED
    assert "kept" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_a_console_of_any_encoding_shows_what_it_can(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    cli.print_anything()
    print("R@1 −0.5 × 2 → “Björk” ✗ 音", flush=True)
    shown = raw.getvalue().decode(encoding)
    assert "0.5" in shown
    if encoding == "ascii":
        assert shown == 'R@1 -0.5 x 2 -> "Bj?rk" x ?\n'


@pytest.mark.parametrize("words", [["embed", "--text"], ["embed", "--encoder"], ["train", "--encoder"]])
def test_an_option_of_several_values_with_none_is_wrong_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "Name at least one" in "".join(capsys.readouterr())


def test_an_empty_manifest_is_not_the_current_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["ingest", ""])
    assert stopped.value.code == 1
    assert "an empty text" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["search", "calm", "-k", "1.5"],
        ["train", "--epochs", "2.0"],
        ["demo", "--seed=.5"],
        ["evaluate", "timbre", "--k", "1.5", "2"],
    ],
)
def test_a_fraction_is_not_rounded_to_a_whole_number(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 1
    assert "takes a whole number, not" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["search", "calm", "--library", ""], ["search", "-l", ""], ["bundle", "-o", ""], ["check", ""], ["serve", ""]],
)
def test_an_empty_path_is_not_the_current_folder(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 1
    assert "variable that is not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["playlist", "calm", "--name", ""],
        ["playlist", "calm", "--save", " "],
        ["search", "calm", "--where="],
        ["train", "--name", ""],
        ["ingest", "music", "--caption", ""],
    ],
)
def test_an_options_empty_text_is_no_value(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 1
    assert "variable that is not set" in capsys.readouterr().err


def test_a_size_below_nothing_is_refused_before_the_library_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["index", "--exact-mb", "-1"])
    assert stopped.value.code == 1
    assert "--exact-mb -1 is no size" in capsys.readouterr().err


def test_help_names_each_argument_once_and_in_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """No command shows ``[ARGS]``, which says nothing; those that its usage names are those that its table explains."""
    for command in cli.COMMANDS:
        cli.app([command, "--help"], result_action="return_value")
        usage = " ".join(capsys.readouterr().out.split("\n\n")[0].split())
        assert "ARGS" not in usage, usage
        for argument in cli.app[command].assemble_argument_collection():
            place = [name for name in argument.names if name[0] not in "-*"]
            assert all(name in usage for name in place), (command, place, usage)

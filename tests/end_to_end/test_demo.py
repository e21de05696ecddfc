"""The demo ends in answers and in commands that can be typed; its tables are in a file."""

import re
import shlex
from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.cli import demo as command
from antiphon.demo import summary
from antiphon.demo.queries import QUERIES
from antiphon.errors import ConfigError

MADE = {"pieces": 96, "seed": 3, "jobs": 2}


@pytest.fixture
def printed(trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What the demo prints (stdout, stderr) on a library whose slow steps are done."""
    monkeypatch.chdir(trained.parent)
    slow = ("ingest", "embed", "train", "fuse")
    every = command._steps
    monkeypatch.setattr(command, "_steps", lambda *given: [step for step in every(*given) if step[0][0] not in slow])
    capsys.readouterr()
    command.demo(out=Path(trained.name), **MADE)
    told = capsys.readouterr()
    return told.out, told.err


def test_every_query_is_answered_with_what_the_pieces_are_made_of(printed: tuple[str, str]) -> None:
    out, _ = printed
    for query in QUERIES:
        _, _, after = out.partition(f'"{query.text}"')
        heading, *hits = after.splitlines()[: 1 + command.SHOWN_HITS]
        right = int(re.match(r" – (\d+) of the first 10 are right", heading).group(1))  # type: ignore[union-attr]
        ticks = [hit.startswith("✓ ") for hit in hits]
        assert all(re.fullmatch(r"[✓·] -?\d\.\d\d  .+ \((slow|moderate|fast) .+\)", hit) for hit in hits), hits
        assert sum(ticks) <= right <= sum(ticks) + 10 - command.SHOWN_HITS


def test_the_last_lines_are_commands_that_work_as_they_stand(
    printed: tuple[str, str], trained: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = printed
    monkeypatch.chdir(trained.parent)
    program = command.called_as()
    *searches, report = [line for line in out.splitlines()[-4:] if line.startswith(f"  {program} ")]
    assert len(searches) == 2
    for line in searches:
        assert line.startswith(f"  {program} search ")
        app(shlex.split(line.strip().removeprefix(program)), result_action="return_value")
        assert "artist" in capsys.readouterr().out
    app(shlex.split(report.strip().removeprefix(program)), result_action="return_value")
    assert "<html" in (trained / "report.html").read_text(encoding="utf-8")
    assert (trained.parent / "guitar.m3u").read_text().count("#EXTINF") == 20


def test_tables_are_in_a_file_and_on_the_console_a_line(printed: tuple[str, str], trained: Path) -> None:
    out, err = printed
    page = (trained / "results.md").read_text(encoding="utf-8")
    assert "## antiphon compare" in page
    assert "t2a MRR (95 %)" in page
    assert "t2a MRR (95 %)" not in out + err
    assert "search 'slow" not in err
    [line] = summary.compared(trained)
    assert f"  {line}" in out.splitlines()
    for name in ("harmony", "rhythm", "timbre"):
        assert re.search(rf"{name} 0\.\d{{3}}", line)


def test_other_music_needs_a_folder_of_its_own(trained: Path) -> None:
    before = (trained / "music" / "recipes.jsonl").read_bytes()
    for other in ({"seed": 4}, {"pieces": 95}):
        with pytest.raises(ConfigError, match=r"holds a demo of other music(.|\n)*demo --out"):
            command.demo(out=trained, **{**MADE, **other})
    assert (trained / "music" / "recipes.jsonl").read_bytes() == before


def test_each_command_that_the_demo_runs_is_one_that_can_be_typed(trained: Path) -> None:
    steps = list(command._steps(trained, trained / "music" / "manifest.csv", 2))
    assert [arguments[0] for arguments, _ in steps] == ["ingest", "embed", "train", "fuse", "compare", "diagnose"]
    for arguments, _ in steps:
        app.parse_args(arguments, exit_on_error=False, print_error=False)


def test_lines_say_what_the_steps_came_to(trained: Path) -> None:
    assert re.fullmatch(r"96 tracks, \d+ captions; \d+ train, \d+ val, \d+ test .*", *summary.ingested(trained))
    assert summary.embedded(trained) == ["Audio by harmony, rhythm, timbre; captions by minilm."]
    [line] = summary.trained(trained)
    assert line.count("6 epochs in") == 3
    assert len(summary.diagnosed(trained)) >= 3

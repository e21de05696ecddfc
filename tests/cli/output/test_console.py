"""What commands print with: tables that fit, checkpoints by name."""

import io
import json

import pytest

from antiphon.cli.output import console

HEADINGS = ("name", "figure", "long story")
ROWS = [("first", 0.5, "x" * 30), ("second", 12, "y" * 30)]


def test_a_table_keeps_every_column_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(HEADINGS, ROWS, right=("figure",), spare=("long story",))
    shown = capsys.readouterr()
    assert "y" * 30 in shown.out
    assert shown.err == ""


def test_spare_columns_give_way_where_the_table_is_too_wide_and_this_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "PIPE_WIDTH", 30)
    console.table(HEADINGS, ROWS, right=("figure",), spare=("long story", "figure"))
    shown = capsys.readouterr()
    assert "long story" not in shown.out
    assert "figure" in shown.out  # one column less was enough
    assert shown.err == "The terminal is too narrow for: long story.\n"


def test_brackets_and_colons_in_cells_stand_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(("title",), [("Sun [live]",), ("pip install 'antiphon[latent]'",), (":sunny: [/b]",)])
    shown = capsys.readouterr().out
    assert "Sun [live]" in shown
    assert "'antiphon[latent]'" in shown
    assert ":sunny: [/b]" in shown


def test_figures_are_set_flush_right(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(("name", "figure"), [("a", 5), ("b", 123)], right=("figure",))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].rstrip().endswith("   5")
    assert lines[2].rstrip().endswith(" 123")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("line", "colour"),
    [("Error: no.\n  → fix", "31"), ("✗ wrong", "31"), ("Warning: small", "33"), ("! hm", "33"), ("✓ good", "32")],
)
def test_a_terminal_sees_what_is_wrong_in_colour(monkeypatch: pytest.MonkeyPatch, line: str, colour: str) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    first, *rest = line.split("\n")
    assert console.coloured(line, Terminal()).split("\n") == [f"\x1b[{colour}m{first}\x1b[0m", *rest]


def test_nothing_is_coloured_in_a_pipe_or_where_nobody_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert console.coloured("Error: no.", io.StringIO()) == "Error: no."
    assert console.coloured("R@1 12 %", Terminal()) == "R@1 12 %"
    monkeypatch.setenv("NO_COLOR", "1")
    assert console.coloured("Error: no.", Terminal()) == "Error: no."


NASTY = "Song\x1b]52;c;aGk=\x07\x9b2J\u202e\nsecond"


def test_titles_cannot_steer_the_terminal_in_tables_lines_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(("title",), [(NASTY,)])
    console.say(NASTY)
    console.note(NASTY)
    console.say_json({"title": NASTY})
    shown = capsys.readouterr()
    assert not set(shown.out + shown.err) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert json.loads(shown.out[shown.out.index("{") :]) == {"title": NASTY}

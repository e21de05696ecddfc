"""Commands that show what was trained: the report, a page for people, and its pictures for papers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.cli.output.console import JsonOption, LibraryOption, Split, say, say_json
from antiphon.cli.output.results import RESULT_OPTION, OutFile
from antiphon.evaluate.report.plot import plot as plot_picture
from antiphon.evaluate.report.queries.excerpts import BUDGET_MB
from antiphon.evaluate.report.report import report as write_report
from antiphon.search.checkpoints import best_checkpoint


def report(
    names: Annotated[list[str] | None, Parameter(negative="")] = None,
    /,
    *,
    out: OutFile = None,
    split: Split = "test",
    audio_mb: float = BUDGET_MB,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """One page about a training, to look at and to listen to: a single file that opens offline in any browser.

    Verdict in plain words, what the training doctor found, curves, all encoders with intervals, ranks, a map of the
    shared space, the queries that were answered best and worst with excerpts, and where everything comes from.
    Needs the extra "report".

    Parameters
    ----------
    names
        Trainings or fusions; the first is looked at closely, of others curves and findings are shown beside it.
        Default: the best of all, on val.
    out
        The file. Default: report.html in the library.
    split
        Which split figures, ranks, map and queries are of.
    audio_mb
        Room for excerpts of 8 seconds of the tracks that are shown, in MB; 0 leaves sound out. Whoever gets the file
        gets them, and titles and captions, too.
    json
        Print where the page is as JSON.
    library
        The library's folder.
    """
    written = write_report(library, names or [_best(library)], out, split=split, audio_mb=audio_mb)
    if json:
        say_json(written.to_dict())
    else:
        say(written.lines())


def plot(
    picture: Literal["curves", "ranks", "map", "encoders", "layers"],
    name: str | None = None,
    /,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"]), RESULT_OPTION],
    split: Split = "test",
    width: str = "column",
    colour: Annotated[str | None, Parameter(name=["--colour", "--color"])] = None,
    library: LibraryOption = Path(),
) -> None:
    """One of the report's pictures as a file for a paper: SVG, PNG (300 dpi) or PDF, by the file's ending.

    The same figures as in the report, in letters and widths of a paper, in colours that are told apart with any colour
    vision and in grey. Needs the extra "report".

    Parameters
    ----------
    picture
        curves (of a training), ranks (of right answers), map (of the shared space), encoders (with intervals) or
        layers (where an encoder's are mixed).
    name
        A training or fusion. Default: the best of all, on val.
    out
        The file: NAME.svg, NAME.png or NAME.pdf.
    split
        Which split ranks, map and encoders are of.
    width
        column (3.4 inches, letters of 7 points), text (7 inches, 8 points), or a number of inches.
    colour
        The column that the map is coloured by. Default: the one that tells most tracks apart by few values.
    library
        The library's folder.
    """
    drawn = plot_picture(library, name or _best(library), picture, out, split=split, width=width, colour=colour)
    say([f"{out}: {drawn.title}.", drawn.says()])


def _best(library: Path) -> str:
    """The best training on val, by name."""
    return best_checkpoint(library).stem.removesuffix("_best_r1")

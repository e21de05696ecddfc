"""The command ``compare``: trainings side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli.learning.evaluating import require_alone
from antiphon.cli.output.console import JsonOption, LibraryOption, Split, note, say, table
from antiphon.cli.output.results import OutFile
from antiphon.cli.output.table_files import FormatOption, form_asked, give
from antiphon.evaluate.compare.in_folds import compare_in_folds
from antiphon.evaluate.compare.paired import compare as compare_encoders
from antiphon.evaluate.compare.slices.shown import slice_grid
from antiphon.evaluate.compare.table import Comparison


def compare(
    *,
    split: Split = "test",
    beside: Annotated[list[Path] | None, Parameter(name="--with", consume_multiple=True, negative="")] = None,
    by: str | None = None,
    folds: int | None = None,
    form: FormatOption = None,
    out: OutFile = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """The encoder table: which one retrieves best here, and whether the difference is significant.

    Also writes comparison.md, comparison.csv and comparison.json into the library (of folds comparison_folds.md …).

    Parameters
    ----------
    split
        Which split to compare on.
    beside
        Other libraries, whose trainings stand in the same table: their split must ask the same queries.
    by
        Slice the queries by a column of metadata, artist, album, caption-length or caption-kind; what differs by more
        than chance is said, corrected for how many slices there are.
    folds
        Train each recipe again in so many grouped folds (5), the same for all, and ask every captioned track: far surer
        than a small test split. How long it takes is said first; what is done is kept, and a stopped run goes on.
    form
        Print the table as markdown, csv, json or latex (booktabs, best in bold).
    out
        Write it to this file (.md, .csv, .json, .tex), too.
    json
        Print the comparison as JSON.
    library
        The library's folder.
    """
    asked = form_asked(form, out, json=json)
    if folds is None:
        comparison = compare_encoders(library, beside=beside or (), split=split, by=by)
    else:
        require_alone("--folds", {"--split": split != "test", "--with": bool(beside)})
        comparison = compare_in_folds(library, folds=folds, by=by, tell=note)
    try:
        comparison.write(library)
    except OSError as error:
        note(f"Warning: the comparison is shown, but not written: {error.filename}: {error.strerror}.")
    give(comparison, asked, out, lambda: _show(comparison))


def _show(comparison: Comparison) -> None:
    headings, rows = comparison.table()
    costs = ("embed/min", "params", "kB a track", "cold s", "text MB")
    spare = ("search ms", "train s", "a2t MRR (95 %)", "t2a MRR (95 %)", *costs)
    right = [heading for heading in headings[1:-1] if heading != "text"]
    table(headings[:-1], [row[:-1] for row in rows], right=right, spare=spare)
    differences = comparison.differences.grid()
    if differences is not None:
        say(["", f"{differences.title}:"])
        right = [heading for heading in differences.headings if heading not in differences.words]
        table(differences.headings, differences.rows, right=right, spare=("more tracks", "95 %"))
        say(list(differences.notes))
    if comparison.slices is not None and comparison.slices["slices"]:
        say(["", *slice_grid(comparison.slices).lines()])
    titles = [f"  {row.name}: {'; '.join(row.best_for)}" for row in comparison.rows if row.best_for]
    say(["", "Best for:", *titles, "", *comparison.lines()])

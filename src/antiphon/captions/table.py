"""The captions that Antiphon made as a table that its owner can edit, and that ingest reads back.

Every caption has a mark beside it in the column ``caption_made``: ingest sees by it whether the text is still the one
that was made. One that was edited is its owner's from then on, one that was emptied is gone, and neither is made again.
A cell that a spreadsheet would take for a formula has an apostrophe before it, which ingest takes off again.
What people wrote, and what came back once, is not in it: it stands in a table of its owner's, and is edited there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from antiphon.errors import ConfigError
from antiphon.library.captions import MADE_COLUMN, guarded, made_captions, made_mark
from antiphon.library.files import write_text
from antiphon.library.tracks import Library

COLUMNS = ("id", "caption", "kind", "title", "artist", MADE_COLUMN)
SEPARATORS = {".csv": ",", ".tsv": "\t"}
_FIRST = "\ufeff"
"""A byte order mark: without it, spreadsheets read UTF-8 as something else."""


def write_table(library: Library, path: Path) -> int:
    """Write the made captions of a library, by track, and say how many.

    Parameters
    ----------
    path : of a ``.csv`` or ``.tsv``.

    Raises
    ------
    ConfigError : it ends otherwise, or there is a file of that name, which somebody may have edited.
    """
    separator = SEPARATORS.get(path.suffix.casefold())
    if separator is None:
        raise ConfigError(f"{path} is no table to edit.", fix="Use a name that ends with .csv or .tsv: --out FILE.csv")
    if path.exists():
        raise ConfigError(
            f"{path} is there already, and may hold what you have edited.",
            fix="Name another file; antiphon ingest takes several tables.",
        )
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = list(_rows(library))
    writer.writerows(rows)
    write_text(path, _FIRST + text.getvalue())
    return len(rows)


def _rows(library: Library) -> Iterator[tuple[str, ...]]:
    """Tracks in their order, and the captions of each in theirs."""
    made = made_captions(library.root, library.track_table.column("track_id"))
    of_track: dict[str, list[dict[str, str]]] = {}
    for row in [] if made is None else made.to_pylist():
        of_track.setdefault(row["track_id"], []).append(row)
    names = zip(library.column("track_id"), library.column("title"), library.column("artist"), strict=True)
    for track_id, title, artist in names:
        for row in of_track.get(track_id, ()):
            mark = made_mark(row["caption_id"], row["text"])
            cells = track_id, row["text"], row["kind"], title or "", artist or "", mark
            yield tuple(map(guarded, cells))

"""The captions that Antiphon made as a table that its owner can edit, and that ingest reads back.

Every caption has a mark beside it in the column ``caption_made``: ingest sees by it whether the text is still
the one that was made. One that was edited is its owner's from then on, one that was emptied is gone, and neither is
made again. Captions of people are not in it: they stand in the manifest, and are edited there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from antiphon.errors import ConfigError
from antiphon.library.captions import MADE_COLUMN, made_mark
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
    path : of a ``.csv`` or ``.tsv``; one that is there is replaced.

    Raises
    ------
    ConfigError : it ends otherwise.
    """
    separator = SEPARATORS.get(path.suffix.casefold())
    if separator is None:
        raise ConfigError(f"{path} is no table to edit.", fix="Use a name that ends with .csv or .tsv: --out FILE.csv")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = list(_rows(library))
    writer.writerows(rows)
    write_text(path, _FIRST + text.getvalue())
    return len(rows)


def _rows(library: Library) -> Iterator[tuple[str, ...]]:
    """Tracks in their order, and the captions of each in theirs."""
    of_track: dict[str, list[int]] = {}
    made = np.flatnonzero(library.caption_column("kind") != "human")
    for row, track_id in zip(made.tolist(), library.caption_column("track_id")[made], strict=True):
        of_track.setdefault(track_id, []).append(row)
    texts, kinds = library.caption_column("text"), library.caption_column("kind")
    names = zip(library.column("track_id"), library.column("title"), library.column("artist"), strict=True)
    for track_id, title, artist in names:
        for row in of_track.get(track_id, ()):
            yield track_id, texts[row], kinds[row], title or "", artist or "", made_mark(texts[row])

"""Checksums for vectors that were made before there were any: of what they are now, and that is said of them.

A checksum that is added later notices every change from then on. Whether the numbers were those that an encoder made it
cannot know: a disk may have changed them before. So ``checksums.json`` beside the vectors keeps the day, and the check
says it; where that is not enough, the vectors have to be made anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.errors import EmbeddingError
from antiphon.library.files import read_json, write_json
from antiphon.library.lock import only_writer
from antiphon.library.vectors.opened import block_rows, open_vectors
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.rows import checksums_of
from antiphon.library.vectors.store import VectorWriter

NAME = "checksums.json"
FORMAT = 1


def add_checksums(folder: Path) -> int:
    """Give the good vectors of a folder that have no checksum one; how many got one.

    Raises
    ------
    EmbeddingError : another process is writing vectors there.
    OSError : the folder may only be read, or its disk is full.
    """
    with (
        only_writer(folder, "writing vectors into", error=EmbeddingError),
        VectorWriter(folder, read_provenance(folder / "provenance.json")) as writer,
    ):
        stored = open_vectors(folder)
        lacking = [row.id for row in writer.rows if row.status == "ok" and not row.checksum]
        if lacking:
            said = {
                "format": FORMAT,
                "added": [*days_of(folder), {"on": date.today().isoformat(), "vectors": len(lacking)}],
            }
            write_json(folder / NAME, said)
        for start in range(0, len(lacking), step := block_rows(int(stored.matrix.shape[1]))):
            some = lacking[start : start + step]
            sums = checksums_of(np.asarray(stored.take(some)))
            pairs = zip(some, sums, strict=True)
            writer.update({item: replace(writer.row(item), checksum=found) for item, found in pairs})
    return len(lacking)


def days_of(folder: Path) -> list[dict[str, Any]]:
    """On which days checksums were added to a folder of vectors, and to how many; [] where that was never done."""
    try:
        said = read_json(folder / NAME)
        return [{"on": str(each["on"]), "vectors": int(each["vectors"])} for each in said["added"]]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def said_of(folder: Path) -> str:
    """What the check says of checksums that were added; "" for none."""
    told = ", ".join(f"{each['vectors']:,} on {each['on']}" for each in days_of(folder))
    return f"checksums were added later ({told}): of changes before that nothing is known" if told else ""

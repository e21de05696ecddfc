"""A track as a row of a collection: what filters ask for, in the form that Milvus can compare.

``meta`` is a JSON object with a key a field that the track has a value in: texts normalised as filters compare them
(:mod:`antiphon.search.filters.readings`), a list of texts, or a number; of a date the first and the last day that it
may mean, as numbers 19990501, below FIELD|first and FIELD|last.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from antiphon.library.tracks import Library
from antiphon.search.filters.fields import OF_TRACKS
from antiphon.search.filters.readings import first_day, last_day
from antiphon.texts import normalised_text

FIRST, LAST = "|first", "|last"


def day_number(day: str) -> int:
    """``"1999-05-01"`` → 19990501."""
    return int(day.replace("-", ""))


def meta_of(library: Library, row: int) -> dict[str, Any]:
    """``meta`` of the track in a row of ``tracks.parquet``."""
    found: dict[str, Any] = {}
    for name in OF_TRACKS:
        value = library.column(name)[row]
        if value:
            found[name] = normalised_text(value)
    metadata = library.metadata
    for name, value in metadata.of(library.column("track_id")[row]).items():
        if name in OF_TRACKS:
            continue
        if metadata.type_of(name) == "date":
            found |= {name + FIRST: day_number(first_day(str(value))), name + LAST: day_number(last_day(str(value)))}
        elif isinstance(value, list):
            found[name] = [normalised_text(item) for item in value if item is not None]
        else:
            found[name] = normalised_text(value) if isinstance(value, str) else value
    return found


def row_hash(raw: int, described: dict[str, Any]) -> int:
    """int64: changes when the raw vector or anything that is said of the track does.

    Parameters
    ----------
    raw : hash of the raw vector.
    """
    said = json.dumps([raw, described], sort_keys=True, ensure_ascii=True)
    digest = hashlib.blake2b(said.encode(), digest_size=8).digest()
    return int(np.frombuffer(digest, "<i8")[0])

"""Many queries at once: a file of them, and their answers as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from antiphon.errors import AntiphonError, LibraryError
from antiphon.search.light.texts import read_texts
from antiphon.search.queries.query import Query
from antiphon.search.queries.reading import read_query

COLUMNS = ("query", "rank", "track_id", "score", "title", "artist", "path", "by")


def read_queries(file: Path, excluded: Sequence[str] = ()) -> list[tuple[str, Query]]:
    """The queries of a file, one a line, each as it stands there and as it is read; blank lines are passed over.

    Parameters
    ----------
    file : UTF-8 text; ``-`` for standard input.
    excluded : what none of them wants.

    Raises
    ------
    LibraryError : it cannot be read, has no queries, or a line is none; the message names it.
    """
    found: list[tuple[str, Query]] = []
    for number, line in enumerate(read_texts(file), start=1):
        if not line.strip():
            continue
        try:
            found.append((line.strip(), read_query(line, excluded=excluded)))
        except AntiphonError as error:
            raise LibraryError(f"{file}, line {number}: {error.problem}", fix=error.fix) from error
    return found


def answers_of(
    queries: Iterable[tuple[str, Query]], ask: Callable[[Query], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """One ``{"query", "answers"}`` for each query.

    Parameters
    ----------
    ask : gives a query's answers as :meth:`Hits.to_dict` does, with what else is to be said of each.
    """
    return [{"query": text, "answers": ask(query)} for text, query in queries]


def as_csv(answers: Iterable[dict[str, Any]]) -> str:
    """Answers as CSV, one a line under the names of :data:`COLUMNS`; a query without answers has no line."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for each in answers:
        writer.writerows({"query": each["query"], **hit} for hit in each["answers"])
    return stream.getvalue()

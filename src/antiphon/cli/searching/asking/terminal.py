"""One question after another at a terminal: everything is loaded once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from antiphon.cli.output.console import note
from antiphon.errors import AntiphonError
from antiphon.search.hits import Hits
from antiphon.search.queries.query import Query
from antiphon.search.queries.reading import read_query

PROMPT = "> "


def converse(
    answers: Callable[[Query], Hits],
    show: Callable[[Query, Hits], None],
    remarks: Callable[[Query, Hits], list[str]],
    *,
    excluded: Sequence[str] = (),
    opening: Iterable[str] = (),
    read: Callable[[str], str] = input,
) -> None:
    """Answer lines until there are no more (Ctrl-D), or until Ctrl-C; a line that cannot be answered ends nothing.

    Parameters
    ----------
    answers, show : find the tracks of a query, and print them.
    remarks : what is to be said beside them.
    excluded : what no query wants.
    opening : lines that come first.
    read : prompt → the next line.
    """
    with suppress(ImportError):
        import readline  # noqa: F401 - lines can be edited, and earlier ones come back
    try:
        answers(read_query("music"))  # loads what reads words before the first question, not at it
        note([*opening, "What is the music like? Ctrl-D leaves."])
        while True:
            line = read(PROMPT)
            if not line.strip():
                continue
            try:
                query = read_query(line, excluded=excluded)
                hits = answers(query)
                show(query, hits)
                note(remarks(query, hits))
            except AntiphonError as error:
                note(f"Error: {error}")
    except (EOFError, KeyboardInterrupt):
        note("")

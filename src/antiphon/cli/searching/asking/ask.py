"""Questions of a command, a file, or a terminal: answered, printed, remarked on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from antiphon.cli.output.console import note, say, say_json
from antiphon.cli.searching.asking.opened import opened
from antiphon.cli.searching.asking.options import SearchOptions
from antiphon.cli.searching.asking.playlist_file import write_answers
from antiphon.cli.searching.asking.shown import show, show_words
from antiphon.cli.searching.asking.terminal import converse
from antiphon.search.answers.selected import SelectedAnswers
from antiphon.search.hits import Hits
from antiphon.search.queries.ahead import reading_ahead
from antiphon.search.queries.files import answers_of, as_csv, read_queries
from antiphon.search.queries.query import Query
from antiphon.search.queries.reading import read_query


def ask(options: SearchOptions) -> None:
    """Answer what the options ask, and print it. What is wrong with a question is said before anything is loaded."""
    root, without = options.library, options.without
    if options.words_for is not None:
        track_id = _ids(root, [options.words_for])[0]
        show_words(root, next(iter(options.checkpoints), None), track_id, options.k, json=options.json)
        return
    lines = None if options.queries is None else read_queries(options.queries, excluded=without)
    query = None
    if not options.asks_many:
        query = read_query(
            " ".join(options.words), excluded=without, like=_ids(root, options.like), files=map(str, options.files)
        )
    selection = options.which.selection(root)
    searcher, later = opened(root, options.checkpoints, untrained=options.untrained, index=options.index)
    answers = SelectedAnswers(searcher=searcher, selection=selection, k=options.k, where=options.where)
    if lines is not None:
        _answer_file(lines, answers, options)
    elif query is None:
        _answer_terminal(answers, options)
    else:
        _answer_one(query, answers, options)
    later()


def _answer_file(lines: Iterable[tuple[str, Query]], answers: SelectedAnswers, options: SearchOptions) -> None:
    ahead = reading_ahead(lines, answers.searcher)
    found = answers_of(ahead, lambda query: _plain(query, answers.to(query), answers, explain=options.explain))
    say_json(found) if options.json else print(as_csv(found), end="")
    note(answers.searcher.remarks())


def _answer_terminal(answers: SelectedAnswers, options: SearchOptions) -> None:
    converse(
        answers.to,
        lambda query, hits: _show(query, hits, answers, explain=options.explain),
        answers.remarks,
        excluded=options.without,
        opening=answers.searcher.remarks(),
    )


def _answer_one(query: Query, answers: SelectedAnswers, options: SearchOptions) -> None:
    hits = answers.to(query)
    write_answers(options, hits)
    if options.json:
        say_json(_plain(query, hits, answers, explain=options.explain))
    else:
        _show(query, hits, answers, explain=options.explain)
    note(answers.all_remarks(query, hits))


def _plain(query: Query, hits: Hits, answers: SelectedAnswers, *, explain: bool) -> list[dict[str, Any]]:
    """The answers as plain values, and where that is asked why each is one."""
    if not explain:
        return hits.to_dict()
    reasons = answers.reasons(query, hits)
    return [{**hit.to_dict(), "why": why.to_dict()} for hit, why in zip(hits, reasons, strict=True)]


def _show(query: Query, hits: Hits, answers: SelectedAnswers, *, explain: bool) -> None:
    """The answers as a table, and where that is asked why each is one."""
    none = (
        "No track has any of these words." if query.wanted and not query.sounds else "No other track has such vectors."
    )
    if answers.where is not None:
        none = "No track that the filter allows is an answer."
    show(hits, by=not answers.searcher.one_way, none=none)
    if explain:
        reasons = answers.reasons(query, hits)
        say(line for hit, why in zip(hits, reasons, strict=True) for line in why.lines(hit))


def _ids(library: Path, names: Sequence[str]) -> list[str]:
    """Ids of tracks that were named by an id or a title."""
    if not names:
        return []
    from antiphon.search.queries.named import track_named  # loads pyarrow

    return [track_named(library, name) for name in names]

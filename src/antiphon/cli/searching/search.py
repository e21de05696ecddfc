"""The command search: words or a track to tracks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json
from antiphon.cli.searching.opened import opened
from antiphon.cli.searching.shown import show, show_words
from antiphon.cli.searching.terminal import converse
from antiphon.cli.searching.which_answers import WhichAnswers
from antiphon.errors import ConfigError
from antiphon.search.answers.fit.judging import Judge
from antiphon.search.hits import Hits
from antiphon.search.queries.files import answers_of, as_csv, read_queries
from antiphon.search.queries.query import Query
from antiphon.search.queries.reading import read_query
from antiphon.search.query import require_some

if TYPE_CHECKING:
    from antiphon.search.answering import Answering
    from antiphon.search.answers.why import Why


def search(
    *query: str,
    k: Annotated[int, Parameter(name=["-k", "--top"])] = 10,
    queries: Path | None = None,
    where: str | None = None,
    like: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    without: Annotated[tuple[str, ...], Parameter(name="--not", negative="")] = (),
    words_for: str | None = None,
    which: WhichAnswers = WhichAnswers(),  # noqa: B008 - it cannot be changed
    checkpoint: Path | None = None,
    untrained: Annotated[bool, Parameter(negative="")] = False,
    index: str | None = None,
    explain: Annotated[bool, Parameter(negative="")] = False,
    m3u_file: Annotated[Path | None, Parameter(name="--m3u")] = None,
    m3u_root: Annotated[str | None, Parameter(name="--m3u-root")] = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Find tracks that answer a description.

    Parameters
    ----------
    query
        What the music is like, in words, with or without quotes: slow sad piano. "piano:2 rain" counts the piano
        twice; "piano, no drums", "piano without drums" and "piano -drums" look for piano and away from drums. Without
        any words, on a terminal: one question after another, until Ctrl-D.
    k
        How many tracks.
    queries
        A file with one query a line; - for standard input. Answers come as CSV, or with --json as a list of {query,
        answers}.
    where
        Answer only with tracks of which this holds: "year >= 1970 and genre = jazz". Fields are title, artist, album
        and all metadata; =, !=, <, <=, >, >=, in (a, b), contains, is missing, joined by and, or, not. Texts compare
        whatever their case; a field with several values matches by any of them.
    like
        The id or title of a track: find tracks that sound like it. Several times for several tracks; with words for
        tracks like it that are also like the words.
    without
        What the music must not be like: search piano --not drums. Several times for several things.
    words_for
        The id or title of a track: the library's captions that fit it best, in place of tracks. Loads torch.
    checkpoint
        A checkpoint file, or the name of a training. Default: the best on the validation split; where nothing was
        trained yet, what the library has without a training (tags that were heard, captions, metadata).
    untrained
        Answer without a checkpoint, as before any training, also where there is one.
    index
        Ask a Milvus collection that antiphon index --index filled: milvus://HOST:PORT/COLLECTION, or a file tracks.db.
    explain
        Show of each answer the captions most like the query (of the track, else of tracks near it), fields that name
        words of the query, and of a query of several parts the score and share of each; "why" in --json.
    m3u_file
        Also write the answers as a playlist to this file. A file that is no playlist is never overwritten.
    m3u_root
        The folder under which your player sees the music folder (/music); "." writes paths relative to the playlist.
    json
        Print a JSON list of {rank, track_id, score, title, artist, path, by, best_at, better_than, versions}; best_at
        is where in the track the words fit best, seconds, or null (see antiphon embed --windows); better_than is the
        percent of tracks that score less for captions of val which are not of them, or null; versions are {track_id,
        title, path} of other versions of the song.
    library
        The library's folder.
    """
    require_some(k)
    if m3u_root is not None and m3u_file is None:
        raise ConfigError("--m3u-root says how a playlist names its files.", fix="Add --m3u FILE, or leave it out.")
    if untrained and checkpoint is not None:
        raise ConfigError("--untrained answers without a checkpoint.", fix="Leave --checkpoint out, or --untrained.")
    if untrained and index is not None:
        raise ConfigError("--index holds the tracks of a checkpoint.", fix="Leave --untrained out, or --index.")
    if words_for is not None:
        if query or like or without or queries or where or untrained or index or m3u_file:
            raise ConfigError("--words-for asks for words alone.", fix="antiphon search --words-for ID")
        return show_words(library, checkpoint, _ids(library, [words_for])[0], k, json=json)
    asks_many = queries is not None or (not (query or like) and _at_a_terminal() and not json)
    if asks_many and (m3u_file is not None or like or query):
        raise ConfigError("A file of queries is asked alone, and makes no playlist.", fix="antiphon search --queries F")
    lines = None if queries is None else read_queries(queries, excluded=without)
    asked = None if asks_many else read_query(" ".join(query), excluded=without, like=_ids(library, like))
    selection = which.selection(library)
    searcher, later = opened(library, checkpoint, untrained=untrained, index=index)

    def judge(wanted: Query) -> Judge:
        return Judge(library, searcher if wanted.is_plain else None)  # scores of other questions have another scale

    def answers(wanted: Query) -> Hits:
        return judge(wanted).marked(selection.of(lambda count: searcher.answer(wanted, k=count, where=where), k))

    def remarks(wanted: Query, hits: Hits) -> list[str]:
        return [*judge(wanted).remarks(wanted.words, hits), *wanted.remarks()]

    def show_answers(wanted: Query, hits: Hits) -> None:
        words = "No track has any of these words." if wanted.wanted else "No other track has such vectors."
        none = words if where is None else "No track that the filter allows is an answer."
        show(hits, by=not searcher.one_way, none=none)
        if explain:
            say(
                line
                for hit, why in zip(hits, _reasons(library, searcher, wanted, hits), strict=True)
                for line in why.lines(hit)
            )

    if lines is not None:
        found = answers_of(lines, answers)
        say_json(found) if json else print(as_csv(found), end="")
        note(searcher.remarks())
    elif asked is None:
        converse(answers, show_answers, remarks, excluded=without, opening=searcher.remarks())
    else:
        hits = answers(asked)
        if m3u_file is not None:
            _write_playlist(m3u_file, m3u_root, hits, library)
        if json and explain:
            reasons = _reasons(library, searcher, asked, hits)
            say_json([{**hit.to_dict(), "why": why.to_dict()} for hit, why in zip(hits, reasons, strict=True)])
        else:
            say_json(hits.to_dict()) if json else show_answers(asked, hits)
        note([*remarks(asked, hits), *searcher.remarks(asked.words)])
    later()
    return None


def _ids(library: Path, names: Sequence[str]) -> list[str]:
    """Ids of tracks that were named by an id or a title."""
    if not names:
        return []
    from antiphon.search.queries.named import track_named  # loads pyarrow

    return [track_named(library, name) for name in names]


def _at_a_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _reasons(library: Path, searcher: Answering, asked: Query, hits: Hits) -> list[Why]:
    """Why each is an answer."""
    from antiphon.library.tracks import Library
    from antiphon.search.answers.why import Explainer

    explainer = Explainer(Library(library), searcher, asked)
    return [explainer.why(hit) for hit in hits]


def _write_playlist(file: Path, root: str | None, hits: Hits, library: Path) -> None:
    from antiphon.audio.duration import stated_seconds
    from antiphon.library.tracks import Library
    from antiphon.search.playlists.m3u import left_out, m3u, placed, write_playlist

    where = placed(root, music=Library(library).sound_at("."), playlist=file)
    write_playlist(file, m3u(hits, place=where, seconds=stated_seconds))
    note([f"Playlist written to {file}.", *left_out(hits)])

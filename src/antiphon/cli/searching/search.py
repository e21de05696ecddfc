"""The command search: words or a track to tracks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json, table
from antiphon.cli.searching.which_answers import WhichAnswers
from antiphon.errors import ConfigError
from antiphon.search.answers.fit.judging import Judge
from antiphon.search.hits import Hits, clock
from antiphon.search.light.opening import light_searcher, why_slow
from antiphon.search.queries.reading import read_query
from antiphon.search.query import require_some

if TYPE_CHECKING:
    from antiphon.search.answering import Answering


def search(
    *query: str,
    k: Annotated[int, Parameter(name=["-k", "--top"])] = 10,
    where: str | None = None,
    like: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    without: Annotated[tuple[str, ...], Parameter(name="--not", negative="")] = (),
    which: WhichAnswers = WhichAnswers(),  # noqa: B008 - it cannot be changed
    checkpoint: Path | None = None,
    untrained: Annotated[bool, Parameter(negative="")] = False,
    index: str | None = None,
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
        twice; "piano, no drums", "piano without drums" and "piano -drums" look for piano and away from drums.
    k
        How many tracks.
    where
        Answer only with tracks of which this holds: "year >= 1970 and genre = jazz". Fields are title, artist, album
        and all metadata; =, !=, <, <=, >, >=, in (a, b), contains, is missing, joined by and, or, not. Texts compare
        whatever their case; a field with several values matches by any of them.
    like
        The id of a track: find tracks that sound like it. Several times for several tracks; with words for tracks
        like it that are also like the words.
    without
        What the music must not be like: search piano --not drums. Several times for several things.
    checkpoint
        A checkpoint file, or the name of a training. Default: the best on the validation split; where nothing was
        trained yet, what the library has without a training (tags that were heard, captions, metadata).
    untrained
        Answer without a checkpoint, as before any training, also where there is one.
    index
        Ask a Milvus collection that antiphon index --index filled: milvus://HOST:PORT/COLLECTION, or a file tracks.db.
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
    asked = read_query(" ".join(query), excluded=without, like=like)
    if untrained and checkpoint is not None:
        raise ConfigError("--untrained answers without a checkpoint.", fix="Leave --checkpoint out, or --untrained.")
    if untrained and index is not None:
        raise ConfigError("--index holds the tracks of a checkpoint.", fix="Leave --untrained out, or --index.")
    selection = which.selection(library)
    searcher, later = _opened(library, checkpoint, untrained=untrained, index=index)

    def ranked(count: int) -> Hits:
        return searcher.answer(asked, k=count, where=where)

    hits = selection.of(ranked, k)
    judge = Judge(library, searcher if asked.is_plain else None)  # scores of other questions have another scale
    hits = judge.marked(hits)
    if m3u_file is not None:
        _write_playlist(m3u_file, m3u_root, hits, library)
    if json:
        say_json(hits.to_dict())
    elif hits:
        _tabulate(hits, by=not searcher.one_way)
    elif where is not None:
        say("No track that the filter allows is an answer.")
    else:
        say("No track has any of these words." if asked.wanted else "No other track has such vectors.")
    note([*judge.remarks(asked.words, hits), *asked.remarks(), *searcher.remarks(asked.words)])
    later()


def _opened(
    library: Path, named: Path | None, *, untrained: bool, index: str | None
) -> tuple[Answering, Callable[[], None]]:
    """What answers, and what is left to do once it has: the way without torch where that is prepared, else the other.

    What the other way needs is loaded only where it is gone.
    """
    checkpoint: Path | None = None
    if named is not None:
        from antiphon.align.checkpoint.paths import find_checkpoint

        checkpoint = find_checkpoint(library, named, search=True)
    if index is not None:
        from antiphon.search.milvus.address import address_of
        from antiphon.search.milvus.searcher import MilvusSearcher

        remote = MilvusSearcher(library, address_of(index), checkpoint)
        return remote, remote.close
    light = None if untrained else light_searcher(library, checkpoint)
    if light is not None:
        return light, _nothing
    from antiphon.search.answering import answering

    searcher = answering(library, checkpoint, untrained=untrained)
    return searcher, lambda: _prepare_next(searcher, library, checkpoint)


def _nothing() -> None:
    """There is nothing left to do."""


def _prepare_next(searcher: Answering, library: Path, checkpoint: Path | None) -> None:
    """Prepare the next search while this one has everything loaded; or say what keeps it slow."""
    from antiphon.search.answers.fit.calibrating import calibrate
    from antiphon.search.light.preparing import prepare
    from antiphon.search.searcher import Searcher

    if isinstance(searcher, Searcher):
        calibrate(searcher)
        prepare(searcher)
        note(why_slow(library, checkpoint))


def _write_playlist(file: Path, root: str | None, hits: Hits, library: Path) -> None:
    from antiphon.audio.duration import stated_seconds
    from antiphon.library.tracks import Library
    from antiphon.search.playlists.m3u import m3u, placed, write_playlist

    where = placed(root, music=Library(library).sound_at("."), playlist=file)
    write_playlist(file, m3u(hits, place=where, seconds=stated_seconds))
    note(f"Playlist written to {file}.")


def _tabulate(hits: Hits, *, by: bool) -> None:
    """The answers as a table, where asked for with what found each."""
    moments = ["" if h.best_at is None else clock(h.best_at) for h in hits]
    rows = [
        (h.rank, f"{h.score:.3f}", (h.title or h.track_id) + h.also, h.artist, moment, h.by, h.path)
        for h, moment in zip(hits, moments, strict=True)
    ]
    headings = ["rank", "score", "title", "artist", "fits best at", "by", "path"]
    left_out = {*([] if by else ["by"]), *([] if any(moments) else ["fits best at"])}
    shown = [at for at, name in enumerate(headings) if name not in left_out]
    cells = [[row[at] for at in shown] for row in rows]
    table([headings[at] for at in shown], cells, right=("rank", "score", "fits best at"), spare=("path",))

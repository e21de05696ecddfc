"""The command search: words or a track to tracks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli.output.console import JsonOption, LibraryOption
from antiphon.cli.output.results import RESULT_OPTION
from antiphon.cli.searching.asking.ask import ask
from antiphon.cli.searching.asking.options import SearchOptions
from antiphon.cli.searching.asking.which_answers import WhichAnswers


def search(
    *query: str,
    k: Annotated[int, Parameter(name=["-k", "--top"])] = 10,
    queries: Path | None = None,
    where: str | None = None,
    like: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    without: Annotated[tuple[str, ...], Parameter(name="--not", negative="")] = (),
    file: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    words_for: str | None = None,
    which: WhichAnswers = WhichAnswers(),  # noqa: B008 - it cannot be changed
    checkpoint: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    untrained: Annotated[bool, Parameter(negative="")] = False,
    index: str | None = None,
    explain: Annotated[bool, Parameter(negative="")] = False,
    m3u_file: Annotated[Path | None, Parameter(name="--m3u"), RESULT_OPTION] = None,
    relative: Annotated[bool, Parameter(negative="")] = False,
    path_map: Annotated[tuple[str, ...], Parameter(negative="")] = (),
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
        Answer only with tracks of which this holds: "year >= 1970 and genre = jazz". Conditions are joined by and, or,
        not in one --where: =, !=, <, <=, >, >=, in (a, b), contains, is missing. Fields are title, artist, album and
        all metadata. Texts compare whatever their case; a field with several values matches by any of them.
    like
        The id or title of a track: find tracks that sound like it. Several times for several tracks; with words for
        tracks like it that are also like the words.
    without
        What the music must not be like: search piano --not drums. Several times for several things.
    file
        An audio file, of the library or not: find tracks that sound like it. Several times for several files; beside
        words and --like. Loads what heard the library's tracks.
    words_for
        The id or title of a track: the library's captions that fit it best and the tags that
        were heard in it, in place of tracks.
    checkpoint
        A checkpoint file, or the name of a training. Default: the best on the validation split; where nothing was
        trained yet, what the library has without a training (tags that were heard, captions, metadata). Several times
        for several that answer together: as one ensemble with weights from the validation split where they can be
        fused, else by the ranks that each gives (docs/guides/several-encoders.md).
    untrained
        Answer without a checkpoint, as before any training, also where there is one.
    index
        Ask a Milvus collection that antiphon index --index filled: milvus://HOST:PORT/COLLECTION, or a file tracks.db.
    explain
        Show of each answer the captions most like the query (of the track, else of tracks near it), fields that name
        words of the query, and of a query of several parts the score and share of each; "why" in --json.
    m3u_file
        Also write the answers as a playlist to this file. A file that is no playlist is never overwritten.
    relative
        Name the playlist's files relative to it.
    path_map
        PLAYER=HERE, such as /music=/mnt/nas/music: a folder as the player sees it, and where it is on this machine.
        Several times for several folders.
    json
        Print a JSON list of {rank, track_id, score, title, artist, path, by, best_at, better_than, versions}; best_at
        is where in the track the words fit best, seconds, or null (see antiphon embed --windows); better_than is the
        percent of tracks that score less for captions of val which are not of them, or null; versions are {track_id,
        title, path} of other versions of the song.
    library
        The library's folder.
    """
    ask(
        SearchOptions(
            words=query,
            k=k,
            queries=queries,
            where=where,
            like=like,
            without=without,
            files=file,
            words_for=words_for,
            which=which,
            checkpoints=checkpoint,
            untrained=untrained,
            index=index,
            explain=explain,
            m3u_file=m3u_file,
            relative=relative,
            path_map=path_map,
            json=json,
            library=library,
        )
    )

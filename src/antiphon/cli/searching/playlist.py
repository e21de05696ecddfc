"""The command playlist: words, a path of queries, or a track to a playlist; and the questions that are kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json, table
from antiphon.cli.output.results import OutFile
from antiphon.cli.searching.pushing import Pusher
from antiphon.errors import AntiphonError, ConfigError
from antiphon.library.manifest.paths.mapping import path_maps
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.printed import counted
from antiphon.search.hits import clock
from antiphon.search.milvus.address import kept_address
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.kept import Form, KeptQuestion, keep, kept_names, read_kept, remove_kept
from antiphon.search.playlists.push import Pushed
from antiphon.search.playlists.question import Question
from antiphon.search.playlists.refresh import Refreshed, of_library, refresh


def playlist(
    *stops: str,
    radio: str | None = None,
    like: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    without: Annotated[tuple[str, ...], Parameter(name="--not", negative="")] = (),
    exclude: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    minutes: float | None = None,
    k: Annotated[int | None, Parameter(name=["-k", "--top"])] = None,
    where: str | None = None,
    variety: float | None = None,
    seed: int | None = None,
    per_artist: int | None = None,
    out: OutFile = None,
    relative: Annotated[bool, Parameter(negative="")] = False,
    path_map: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    push: str | None = None,
    name: str | None = None,
    save: str | None = None,
    refresh_kept: Annotated[bool, Parameter(name="--refresh", negative="")] = False,
    list_kept: Annotated[bool, Parameter(name="--list", negative="")] = False,
    remove: str | None = None,
    checkpoint: str | None = None,
    index: str | None = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Make a playlist: from words, as a path from one query to another, or as a radio from a track.

    Parameters
    ----------
    stops
        What the music is like, in quotes: "calm piano". Several make a path: "slow rainy jazz" "bright bossa nova".
        With --refresh: the names of the playlists that are meant; none for all.
    radio
        The id or the title of a track: play what is like it, beginning with it.
    like
        The id or title of a track: tracks that sound like it, alone, beside one query, or beside --radio's. Several
        times for several tracks.
    without
        What the music must not be like: playlist "calm piano" --not drums. Several times for several things.
    exclude
        A file with ids or paths of tracks that shall not be in it, one a line; a playlist will do. Several times for
        several files.
    minutes
        How long the playlist is to be. Default: 60.
    k
        How many tracks, in place of minutes.
    where
        Only tracks of which this holds, as for search: "year >= 1970 and genre = jazz". Conditions are joined by and,
        or, not in one --where.
    variety
        0 plays what answers best, 1 what is least like the tracks before it. Default: 0, for a radio 0.3.
    seed
        A number: another one gives another choice, the same one the same.
    per_artist
        At most so many tracks of one artist. Two of one artist follow one another only where it cannot be helped.
    out
        Write it to this file: .m3u8, .m3u, or .json. A file that is no playlist is never overwritten.
    relative
        Name files relative to the playlist.
    path_map
        PLAYER=HERE, such as /music=/mnt/nas/music: a folder as the player sees it, and where it is on this machine.
        Several times for several folders.
    push
        Make it on a Subsonic server, too, in place of an earlier one of ours: https://USER@HOST. The password is asked
        for, or ANTIPHON_SUBSONIC_PASSWORD. With --save and --refresh it is pushed again each time.
    name
        What it is called. Default: as --save says, else what was asked.
    save
        Keep the question in the library under this name, and write its playlist: playlists/NAME.m3u8, or -o.
    refresh_kept
        Answer the kept questions again, after new tracks were indexed, and write their playlists.
    list_kept
        Show the kept questions.
    remove
        Forget the kept question of this name; its playlist stays.
    checkpoint
        A checkpoint file, or the name of a training. Default: the best on the validation split.
    index
        Ask a Milvus collection that antiphon index --index filled: milvus://HOST:PORT/COLLECTION, or a file tracks.db.
    json
        Print a JSON object: name, minutes, tracks as search --json gives them with their seconds, remarks; pushed.
    library
        The library's folder.
    """
    if refresh_kept + list_kept + (remove is not None) + (save is not None) > 1:
        raise ConfigError("--save, --refresh, --list and --remove are four things to do.", fix="Ask for one of them.")
    if refresh_kept:
        _refresh(library, stops, push or "", json=json)
        return
    if list_kept:
        _list(library, json=json)
        return
    if remove is not None:
        kept = remove_kept(library, remove)
        note(f"'{remove}' is no longer kept. Its playlist stays: {kept.form.path(library)}")
        return
    question = Question(
        stops=stops,
        radio=radio,
        like=like,
        excluded=without,
        exclude=tuple(str(file.absolute()) for file in exclude),
        minutes=minutes,
        k=k,
        where=where,
        variety=variety,
        seed=seed,
        per_artist=per_artist,
        checkpoint=checkpoint,
        index=index if index is None else kept_address(index),
    )
    if save is not None and name is not None:
        raise ConfigError("What is kept is called as --save says.", fix=f"Leave --name {name} out.")
    if out is None and save is None and (relative or (path_map and push is None)):
        raise ConfigError("--relative and --path-map say how a file names tracks.", fix="Add -o FILE, or --save NAME.")
    maps = {each.written: str(each.here) for each in path_maps(path_map)}
    form = Form(out=_out(out, save, library), relative=relative, path_map=maps, push=push or "")
    pusher = Pusher([push] if push is not None else [])
    made = of_library(library)(checkpoint, index).make(question)
    made = made if name is None else replace(made, name=name)
    if save is not None:
        keep(library, KeptQuestion(name=save, question=question, form=form))
    pushed = pusher.push(library, made, save or made.name, form.path_map, about=question.name)
    _show(made, pushed, json=json)
    if out is not None or save is not None:
        note(made.write(form.path(library), relative=relative, path_map=maps))
        note(f"Playlist written to {form.path(library)}.")
    if save is not None:
        note(f"Kept as '{save}': antiphon playlist --refresh writes it again after new tracks were indexed.")
    note(list(made.remarks))


def _out(out: Path | None, save: str | None, library: Path) -> str:
    """The file as it is kept: inside the library relative to it, so that the library may move."""
    if out is None:
        return f"{PLAYLISTS}/{save}.m3u8"
    file, root = os.path.abspath(out), os.path.abspath(library)  # noqa: PTH100 - links keep their names
    return os.path.relpath(file, root) if file.startswith(root + os.sep) else file


def _show(made: Playlist, pushed: Pushed | None, *, json: bool) -> None:
    note([] if pushed is None else pushed.lines())
    if json:
        say_json(made.to_dict() if pushed is None else {**made.to_dict(), "pushed": pushed.to_dict()})
        return
    say(f"{made.name}: {counted(len(made), 'track')}, {clock(made.seconds)}")
    rows = [
        (
            hit.rank,
            f"{hit.score:.3f}",
            hit.called,
            hit.artist,
            clock(length) if length else "?",
            hit.path,
        )
        for hit, length in zip(made.hits, made.lengths, strict=True)
    ]
    table(["", "score", "title", "artist", "length", "path"], rows, right=("", "score", "length"), spare=("path",))


def _refresh(library: Path, names: Sequence[str], address: str, *, json: bool) -> None:
    pusher = Pusher([address] if address else _servers(library, names))
    done = [_pushed(library, each, address, pusher) for each in refresh(library, names)]
    if json:
        say_json([_told(each, pushed) for each, pushed in done])
    for each, pushed in done:
        if each.playlist is None:
            note(f"Error: '{each.name}' is left as it was. {each.error}")
            continue
        holds = f"{counted(len(each.playlist), 'track')}, {clock(each.playlist.seconds)}"
        note(f"'{each.name}': {holds}, written to {each.file}.")
        note([*each.remarks, *([] if pushed is None else pushed.lines())])
        if each.error is not None:
            note(f"Error: it was not pushed. {each.error}")
    if not done:
        note('No playlist is kept. Keep one: antiphon playlist "calm piano" --save NAME')
    if any(each.error is not None for each, _ in done):
        sys.exit(1)


def _servers(library: Path, names: Sequence[str]) -> list[str]:
    """Servers that kept playlists are pushed to; what is damaged is told where it is asked again."""
    found = []
    for name in names or kept_names(library):
        with suppress(ConfigError):
            found.append(read_kept(library, name).form.push)
    return [server for server in found if server]


def _pushed(library: Path, done: Refreshed, address: str, pusher: Pusher) -> tuple[Refreshed, Pushed | None]:
    """A playlist on the server that it is meant for; one that cannot be pushed keeps no other from it."""
    if done.playlist is None:
        return done, None
    form = read_kept(library, done.name).form
    if not (address or form.push):
        return done, None
    try:
        return done, pusher.push(library, done.playlist, done.name, form.path_map)
    except AntiphonError as error:
        return replace(done, error=error), None


def _told(done: Refreshed, pushed: Pushed | None) -> dict[str, object]:
    return {
        "name": done.name,
        "file": done.file and str(done.file),
        "tracks": done.playlist and len(done.playlist),
        "error": done.error and str(done.error),
        **({} if pushed is None else {"pushed": pushed.to_dict()}),
    }


def _list(library: Path, *, json: bool) -> None:
    kept = [read_kept(library, name) for name in kept_names(library)]
    if json:
        say_json([each.to_dict() for each in kept])
        return
    if not kept:
        note('No playlist is kept. Keep one: antiphon playlist "calm piano" --save NAME')
        return
    rows = [(each.name, each.question.name, each.question.where or "", str(each.form.path(library))) for each in kept]
    table(["name", "question", "where", "written to"], rows)

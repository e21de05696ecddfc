"""What search and players stand on: the index, what is kept beside it, kept playlists, players' ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from antiphon.api.checking.found import CheckedFile, Context
from antiphon.api.checking.kept import check_kept
from antiphon.errors import AntiphonError
from antiphon.library.commands import command
from antiphon.library.files import file_hash, read_json
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.library.players.table import id_files, read_ids
from antiphon.search.indexes.exact import FORMAT, files_of, open_index
from antiphon.search.playlists.kept import ENDING, kept_names, read_kept


def check_searched(context: Context) -> Iterator[CheckedFile]:
    """The index and what stands beside it."""
    folder = context.root / "index"
    if (folder / "index.json").exists():
        yield from _index(context, folder)
    yield from check_kept(context)
    with suppress(AntiphonError):  # of library.json itself, which is named already
        yield from [_playlist(context, name) for name in kept_names(context.root)]
    yield from (_ids(context, path) for path in id_files(context.root))


def _index(context: Context, folder: Path) -> Iterator[CheckedFile]:
    again = command("index", context.root)
    about = folder / "index.json"
    try:
        said = read_json(about)
        number = said["format"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        yield context.damaged(about, error, again)
        return
    if isinstance(number, int) and number > FORMAT:
        yield context.newer(about, f"it has format {number}, and this version reads {FORMAT}")
        return
    if number != FORMAT:
        yield context.unsealed(about, f"it has format {number}: the next search makes it anew")
        return
    try:
        open_index(context.root)
    except AntiphonError as error:
        yield context.damaged(about, error.problem, again)
        return
    yield context.unsealed(about)
    for name in files_of(said):
        yield _hashed(context, folder / name, said.get("sha256", {}).get(name, ""), again)


def _hashed(context: Context, path: Path, wanted: str, fix: str) -> CheckedFile:
    try:
        found = file_hash(path)
    except OSError as error:
        return context.damaged(path, error.strerror, fix)
    context.read(path)
    if not wanted:
        return context.unsealed(path, "it is from before indexes had checksums")
    return context.sound(path) if found == wanted else context.damaged(path, "it is not as it was written", fix)


def _playlist(context: Context, name: str) -> CheckedFile:
    path = context.root / PLAYLISTS / f"{name}{ENDING}"
    try:
        read_kept(context.root, name)
    except AntiphonError as error:
        return context.damaged(path, error.problem, error.fix or "Save it again.")
    return context.unsealed(path)


def _ids(context: Context, path: Path) -> CheckedFile:
    try:
        read_ids(path)
    except AntiphonError as error:
        if "it has format" in error.problem:
            return context.newer(path, error.problem)
        return context.damaged(path, error.problem, error.fix or "")
    context.read(path)
    return context.unsealed(path)

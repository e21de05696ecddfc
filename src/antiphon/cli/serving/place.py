"""What is to be served: a library, or music that becomes one."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from antiphon.cli.serving.renamed import Renamed, renamed_from
from antiphon.errors import AntiphonError, LibraryError
from antiphon.library.commands import command
from antiphon.library.ingest.recipe.recorded import library_recipe
from antiphon.library.subsonic.account import is_server
from antiphon.library.tracks import Library

NAME_LENGTH = 60


class ServedSource(NamedTuple):
    """What is served.

    Parameters
    ----------
    library : the library's folder; it may not be there yet.
    source : the music that it is made of, as ``ingest`` takes it; None where the library itself was named.
    """

    library: Path
    source: str | None


def place_of(named: str | None, library: Path | None) -> ServedSource:
    """What a command line means.

    Parameters
    ----------
    named : a library, a folder of music, or what else ``antiphon ingest`` takes; None for the library.
    library : the library's folder; None for the current one, or where music was named for a folder of its own in the
        user's folder of data: nothing is written into the music.

    Raises
    ------
    LibraryError : there is nothing of that name, or no library; or the music is what a library was made of under
        another name, and would be heard anew.
    """
    if named is None:
        root = library or Path()
        if not _is_library(root):
            raise LibraryError(
                f"{root.resolve()} is no library, and no music was named.",
                fix="antiphon serve FOLDER, for a folder of music or a library",
            )
        return ServedSource(root, None)
    if not named:
        raise LibraryError(
            "What is to be served is an empty text, as of a variable that is not set.",
            fix="Name a folder of music, or a library.",
        )
    path = Path(named)
    if _is_library(path):
        if library is not None:
            raise LibraryError(f"{path} is a library, and --library names another one.", fix="Name one of them.")
        return ServedSource(path, None)
    if "://" not in named and not path.exists():
        raise LibraryError(f"There is no {path}.", fix="Name a folder of music, or a library.")
    source = named if "://" in named else str(path.resolve())
    if library is not None:
        return ServedSource(library, source)
    home = home_of(source)
    if not _is_library(home) and Path(source).is_dir():
        _require_new(source, home)
    return ServedSource(home, source)


def _require_new(source: str, home: Path) -> None:
    """Refuse music that a library beside its own would be made of already, if only it were told where it is now."""
    known = _known(source, home)
    if known is None or known.is_away:
        return
    new = shlex.quote(source)
    raise LibraryError(
        f"{_holds(source, known)} The library of that music is {known.library}.",
        fix=f"To go on with it: {_goes_on(source, known)}, then this command again. "
        f"To begin a new one: antiphon serve {new} --library {shlex.quote(str(home))}",
    )


def copy_of_what_is_away(place: ServedSource) -> str:
    """What is to be said where music that nobody has heard yet seems to be a copy, of music whose disk is away now.

    "" where it does not. Whether it is to be heard is for its owner to say then: it may have moved to a new disk.
    """
    if place.source is None or not Path(place.source).is_dir() or any(place.library.glob("embeddings/audio/*")):
        return ""
    known = _known(place.source, place.library)
    if known is None:
        return ""
    return (
        f"{_holds(place.source, known)} Its disk seems to be away. The library of that music is {known.library}. This "
        "one is another, which is read, and not listened to before you say so on the page. If the music has moved here "
        f"for good, stop the server and go on with that library: {_goes_on(place.source, known)}, then the same again."
    )


def _known(source: str, home: Path) -> Renamed | None:
    beside = (path.parent for path in sorted(home.parent.glob("*/library.json")) if path.parent != home)
    return renamed_from(Path(source), beside)


def _holds(source: str, known: Renamed) -> str:
    return (
        f"{source} holds the music of {known.old}, which is not there now: {known.found:,} of {known.looked_at:,} "
        "files that were looked at are there as they were."
    )


def _goes_on(source: str, known: Renamed) -> str:
    return command(f"move-paths {shlex.quote(known.old)} {shlex.quote(source)} --write", known.library)


def home_of(source: str) -> Path:
    """Where the library of some music lies that nobody gave a place: always the same for the same music.

    Below ``$XDG_DATA_HOME``, else ``~/.local/share``. A library whose music was moved (``antiphon move-paths``) goes on
    to be that of the same music, and no longer of what is put in the old place.
    """
    own = _named_after(source)
    if "://" in source or source in _folders_of(own):
        return own
    moved = (path.parent for path in sorted(own.parent.glob("*/library.json")) if source in _folders_of(path.parent))
    return next(moved, own.with_name(f"{own.name}-2") if _folders_of(own) else own)


def _named_after(source: str) -> Path:
    data = os.environ.get("XDG_DATA_HOME")
    shared = Path(data) if data else Path.home() / ".local" / "share"
    name = re.sub(r"[^\w.-]+", "-", source.rstrip("/").rpartition("/")[2]).strip("-.")[:NAME_LENGTH] or "music"
    mark = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return shared / "antiphon" / f"{name}-{mark}"


def _folders_of(library: Path) -> frozenset[str]:
    """The folders of music that a library is made of; none of one that is not there, or made of something else."""
    if not _is_library(library):
        return frozenset()
    try:
        sources = map(Path, library_recipe(Library(library)).sources)
    except AntiphonError:  # said by whatever opens it
        return frozenset()
    return frozenset(str(source) for source in sources if source.is_dir())


def made_from(place: ServedSource) -> str:
    """The address of the Subsonic server that the music is read from; "" for music that lies in files."""
    if is_server(place.source):
        return place.source
    if place.source is not None or not _is_library(place.library):
        return ""
    try:
        return library_recipe(Library(place.library)).server
    except LibraryError:  # it does not say what it was made from, which is said where that is needed
        return ""


def _is_library(path: Path) -> bool:
    return (path / "library.json").is_file()

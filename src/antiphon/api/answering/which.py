"""Which of the ranked tracks are answers, as a caller says it: the options of ``antiphon search``, checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.api.arguments import PathLike, as_count, as_names, as_paths

if TYPE_CHECKING:
    from antiphon.search.answers.selection import Selection


def selection_of(
    root: Path,
    *,
    versions: bool,
    per_artist: int | None,
    per_album: int | None,
    exclude: PathLike | Iterable[PathLike],
    exclude_artist: str | Iterable[str],
) -> Selection:
    """What a call says of its answers; parameters as for :meth:`antiphon.Library.search`.

    Raises
    ------
    ArgumentError : a limit is no whole number of at least 1, or what is excluded is no file or name.
    LibraryError : a file cannot be read as text.
    """
    from antiphon.search.answers.exclusion import excluded
    from antiphon.search.answers.selection import Selection

    ids, lists = _ids_and_files(root, exclude)
    return Selection(
        root=root,
        versions=versions,
        per_artist=None if per_artist is None else as_count(per_artist, "per_artist"),
        per_album=None if per_album is None else as_count(per_album, "per_album"),
        left_out=excluded(root, lists, as_names(exclude_artist, "An artist to exclude")) | ids,
    )


def _ids_and_files(root: Path, exclude: PathLike | Iterable[PathLike]) -> tuple[frozenset[str], list[Path]]:
    """What is excluded: texts that are ids of tracks, and all else as files."""
    from antiphon.library.tracks import Library

    paths = as_paths(exclude, "A track or a file of tracks to exclude")
    if not paths:
        return frozenset(), []
    known = Library(root).row_of_track
    ids = frozenset(str(path) for path in paths if str(path) in known)
    return ids, [path for path in paths if str(path) not in ids]

"""Paths as another machine or a container sees them, and where the same folders are here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from antiphon.errors import ManifestError

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True, kw_only=True)
class PathMap:
    """A folder under two names.

    Parameters
    ----------
    written : as the paths of the manifest or the player begin ("/music").
    here : where it is on this machine.
    """

    written: str
    here: Path


def path_map(text: str) -> PathMap:
    """A mapping as it is typed: ``/music=/mnt/nas/music``.

    Raises
    ------
    ManifestError : it has no two sides, or does not start with an absolute path.
    """
    written, equals, here = text.rpartition("=") if Path(text.rpartition("=")[2]).is_dir() else text.partition("=")
    if not (equals and here.strip() and is_absolute(written.strip())):
        raise ManifestError(
            f"'{text}' is no mapping of paths.",
            fix="Write what the player sees, =, and where it is here: --path-map /music=/mnt/nas/music",
        )
    return PathMap(written=_slashes(written.strip()), here=Path(os.path.abspath(Path(here.strip()).expanduser())))  # noqa: PTH100 - links keep their names


def path_maps(texts: Iterable[str]) -> tuple[PathMap, ...]:
    """Several mappings as they are typed.

    Raises
    ------
    ManifestError : one is no mapping, or a folder of the player is said to be in two places.
    """
    found: dict[str, PathMap] = {}
    for text in texts:
        one = path_map(text)
        if found.setdefault(one.written, one) != one:
            raise ManifestError(
                f"{one.written} is said to be in two places: {found[one.written].here} and {one.here}.",
                fix="Leave one of the two --path-map out.",
            )
    return tuple(found.values())


def is_absolute(path: str) -> bool:
    """Whether a path starts at a root, of this system or of Windows."""
    return path.startswith(("/", "\\")) or _DRIVE.match(path) is not None


def mapped(path: str, maps: Sequence[PathMap]) -> str:
    """A path here; as it stands where no mapping fits. Of several the longest counts."""
    if not maps or not is_absolute(path):
        return path
    slashed = _slashes(path)
    for one in sorted(maps, key=lambda one: -len(one.written)):
        inside = below(slashed, one.written)
        if inside is not None:
            return os.path.normpath(one.here / inside)
    return path


def seen_by_player(path: str, maps: Sequence[PathMap]) -> str:
    """A path of this machine as the player sees it, the other way of :func:`mapped`; as it stands where none fits.

    Of several folders that hold it the longest counts.
    """
    inside = [(len(str(one.here)), one.written, below(path, str(one.here))) for one in maps]
    fits = [(length, written, rest) for length, written, rest in inside if rest is not None]
    if not fits:
        return path
    _, written, rest = max(fits)
    return f"{written.rstrip('/')}/{rest}"


def below(path: str, folder: str) -> str | None:
    """A path relative to a folder that it lies in, with ``/``; None where it lies elsewhere."""
    path, folder = _slashes(path), _slashes(folder).rstrip("/")
    if _DRIVE.match(f"{folder}/"):  # Windows compares without case
        inside = path[: len(folder)].casefold() == folder.casefold()
    else:
        inside = path.startswith(folder)
    rest = path[len(folder) :]
    return rest.lstrip("/") if inside and rest[:1] in ("/", "") else None


def shared_folder(paths: Iterable[str]) -> str:
    """The folder that all absolute paths lie in, "" where there are none or they share only the root."""
    folders = {_slashes(path).rpartition("/")[0] for path in paths if is_absolute(path)}
    levels = zip(*(folder.split("/") for folder in folders), strict=False)
    shared = [names[0] for names in takewhile(lambda names: len(set(names)) == 1, levels)]
    return "/".join(shared) if len(shared) > 1 else ""


def _slashes(path: str) -> str:
    return path.replace("\\", "/") if _DRIVE.match(path) or path.startswith("\\") else path

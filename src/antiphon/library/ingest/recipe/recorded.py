"""How a library was made, as ``library.json`` keeps it (``made_from``), so that it can be made again of its source.

No password is ever in it: who asks a Subsonic server says so each time.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from antiphon.errors import LibraryError
from antiphon.library.commands import as_typed, command
from antiphon.library.ingest.recipe.options import IngestOptions
from antiphon.library.manifest.columns.match import Choice
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.paths.mapping import PathMap
from antiphon.library.manifest.table import Source
from antiphon.library.subsonic.account import Account, is_server
from antiphon.library.tracks import Library

KEY = "made_from"
SWITCHES = ("keep_splits", "paraphrase_joins", "tags")
PLAIN = ("only", "split", "no_audio", "folder_tags", "caption_kind")


@dataclass(frozen=True, kw_only=True)
class LibraryRecipe:
    """What a library is made of, and how.

    Parameters
    ----------
    sources : the manifest and further tables: absolute paths, or as text the address of a server.
    options : as they were given; ``strict``, the seed and the account are none of it.
    """

    sources: tuple[Source, ...]
    options: IngestOptions

    @property
    def server(self) -> str:
        """The address of the server that it is made from; "" for files."""
        return next((source for source in self.sources if is_server(source)), "")


def recorded(sources: Sequence[Source], options: IngestOptions) -> dict[str, Any]:
    """Plain values for ``library.json``."""
    manifest = options.manifest
    named = [source if is_server(source) else os.path.abspath(source) for source in sources]  # noqa: PTH100
    return {
        "sources": named,
        "inodes": inodes_by_source(named),
        **{name: getattr(options, name) for name in SWITCHES},
        **{name: getattr(manifest, name) for name in PLAIN},
        "only": list(manifest.only),
        "columns": {item.name: getattr(manifest.choice, item.name) for item in fields(Choice)},
        "audio_folders": [os.path.abspath(folder) for folder in manifest.audio_folders],  # noqa: PTH100
        "path_maps": [[each.written, os.path.abspath(each.here)] for each in manifest.path_maps],  # noqa: PTH100
    }


def inodes(folder: Source) -> list[int] | None:
    """The numbers on their disk of the folder that one lies in, 0 where it is a disk's own, and of itself.

    A copy has others, a renamed one has not. None for what is no folder here.
    """
    path = Path(folder)
    try:
        if not path.is_dir():
            return None
        return [0 if path.is_mount() else path.parent.stat().st_ino, path.stat().st_ino]
    except OSError:
        return None


def inodes_by_source(sources: Sequence[Source]) -> dict[str, list[int]]:
    """:func:`inodes` of those that are folders here, as ``library.json`` has them."""
    return {str(each): numbers for each in sources if (numbers := inodes(each)) is not None}


def inodes_of(meta: Mapping[str, Any], source: str) -> list[int] | None:
    """What ``library.json`` has as :func:`inodes` of a source; None where it has nothing, or is damaged there."""
    said = meta.get(KEY)
    every = said.get("inodes") if isinstance(said, Mapping) else None
    found = every.get(source) if isinstance(every, Mapping) else None
    right = isinstance(found, list) and len(found) == 2 and all(isinstance(each, int) for each in found)
    return found if right else None


def sources_of(meta: Mapping[str, Any]) -> tuple[str, ...]:
    """What ``library.json`` names as sources; none where it does not say, or is damaged there."""
    said = meta.get(KEY)
    named = said.get("sources") if isinstance(said, Mapping) else None
    return tuple(filter(lambda each: isinstance(each, str), named)) if isinstance(named, list) else ()


def left_out(root: Path, before: Sequence[str], now: Sequence[str]) -> list[str]:
    """A note where some of a library's sources are read again and others are not: what these alone said has left.

    Parameters
    ----------
    before, now : sources as ``library.json`` names them.
    """
    missing = [each for each in before if each not in now]
    if not missing or len(missing) == len(before):
        return []
    again = command("ingest " + " ".join(map(shlex.quote, (*now, *missing))), root)
    return [
        f"Read before, and not now: {', '.join(missing)}. What it alone said has left the library; to have it: {again}"
    ]


def library_recipe(library: Library, account: Account | None = None) -> LibraryRecipe:
    """How a library was made; of one from before 26 November 2026 only its first manifest is known.

    Parameters
    ----------
    account : who asks the server, where it was made from one.

    Raises
    ------
    LibraryError : nothing says what it was made from.
    """
    said = library.meta.get(KEY)
    try:
        if isinstance(said, Mapping):
            return _recalled(said, account)
        source = library.meta["manifest"]
        options = IngestOptions(
            keep_splits=bool(library.meta.get("keep_splits")), manifest=ManifestOptions(account=account)
        )
        return LibraryRecipe(sources=(_source(source),), options=options)
    except (LookupError, TypeError, ValueError) as error:
        raise LibraryError(
            f"{as_typed(library.root)} does not say what it was made from.",
            fix="Make it again of its source once: antiphon ingest SOURCE --library DIR",
        ) from error


def _recalled(said: Mapping[str, Any], account: Account | None) -> LibraryRecipe:
    columns: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said["columns"].items()
    }
    plain = {name: said[name] for name in PLAIN}
    manifest = ManifestOptions(
        **{**plain, "only": tuple(said["only"])},
        choice=Choice(**columns),
        audio_folders=tuple(Path(folder) for folder in said["audio_folders"]),
        path_maps=tuple(PathMap(written=written, here=Path(here)) for written, here in said["path_maps"]),
        account=account,
    )
    switches: dict[str, Any] = {name: bool(said[name]) for name in SWITCHES}
    options = IngestOptions(**switches, manifest=manifest)
    return LibraryRecipe(sources=tuple(_source(source) for source in said["sources"]), options=options)


def _source(said: str) -> Source:
    return said if is_server(said) else Path(said)

"""One step of keeping up: a library is brought up to date with its source, all the way to the answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from antiphon.api.chosen import chosen_encoders
from antiphon.api.embedded import OnProgress, embed_library
from antiphon.api.tagging.copies import remove_left_over
from antiphon.api.watching.updated import Updated
from antiphon.errors import CheckpointError, ConfigError, LibraryError
from antiphon.library.commands import as_typed, command
from antiphon.library.ingest import ingest
from antiphon.library.ingest.recipe.options import IngestOptions
from antiphon.library.ingest.recipe.recorded import LibraryRecipe, library_recipe
from antiphon.library.leakage.audit import Audit
from antiphon.library.manifest.paths.endings import is_sound
from antiphon.library.manifest.paths.walk import walk
from antiphon.library.manifest.sources.subsonic.songs import is_track
from antiphon.library.subsonic.account import Account, is_server
from antiphon.library.subsonic.client import Subsonic
from antiphon.library.tags.ledger import open_tag_ledger
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import read_provenance
from antiphon.registry import LoadOptions
from antiphon.search.checkpoints import checkpoint_for_search
from antiphon.search.indexing import index_library
from antiphon.search.playlists.refresh import refresh


def update(
    root: Path,
    *,
    account: Account | None = None,
    playlists: bool = False,
    on_tags: Callable[[int, int], None] | None = None,
    on_progress: OnProgress | None = None,
) -> Updated:
    """Ingest, embed and index what has changed in a library's source since the last time.

    Everything here carries on where a run before was killed, and writes nothing where nothing is different; it is what
    ``antiphon ingest``, ``embed``, ``index`` and ``playlist --refresh`` do, with the encoders that the library has.

    Parameters
    ----------
    account : who asks the server, of a library that was made from one.
    playlists : write kept playlists again.
    on_tags, on_progress : told of reading tags, and of embedding.

    Raises
    ------
    LibraryError : there is no library, it does not say what it was made from, most of the music is away, or another
        process is writing into it.
    AntiphonError : as ingesting and embedding raise it.
    """
    started = time.monotonic()
    library = Library(root)
    remove_left_over(root)
    recipe = library_recipe(library, account)
    _require_music(library, recipe)
    ids, files = set(library.column("track_id")), _files_of(root)
    audit = _ingested(root, recipe, on_tags)
    now = set(Library(root).column("track_id"))
    encoders, texts = _encoders_of(Library(root))
    done = embed_library(root, encoders, texts, options=LoadOptions(), on_progress=on_progress)
    audio = [report for report in done.reports if report.kind == "audio"]
    after = _files_of(root)
    return Updated(
        tracks=len(now),
        new=len(now - ids),
        gone=len(ids - now),
        moved=len(audit.tags.moved),
        changed=sum(files[path] != state for path, state in after.items() if path in files),
        heard=max((report.embedded for report in audio), default=0),
        read=max((report.embedded for report in done.reports if report.kind == "text"), default=0),
        failed=min((len(report.failed) for report in audio), default=0),
        indexed=_indexed(root),
        playlists=sum(one.error is None for one in refresh(root)) if playlists else 0,
        seconds=time.monotonic() - started,
    )


def _ingested(root: Path, recipe: LibraryRecipe, on_tags: Callable[[int, int], None] | None) -> Audit:
    said = recipe.options
    options = IngestOptions(
        keep_splits=said.keep_splits,
        paraphrase_joins=said.paraphrase_joins,
        tags=said.tags,
        on_tags=on_tags,
        manifest=said.manifest,
    )
    first, *more = recipe.sources
    return ingest(first, root, options=options, more=more)


def _require_music(library: Library, recipe: LibraryRecipe) -> None:
    """Refuse to take half a library for gone: a disk that is away leaves an empty folder behind, or a player without
    songs."""
    first, *more = recipe.sources
    if recipe.server and not more:
        there, holds = _listed_by(recipe), f"{recipe.server} lists {{:,}} tracks"
    else:
        folders = [Path(source) for source in recipe.sources if not is_server(source) and Path(source).is_dir()]
        if not folders or len(folders) < len(recipe.sources):
            return
        there = sum(is_sound(path) for folder in folders for path in walk(folder).files)
        holds = f"{folders[0]} holds {{:,}} sound files"
    had = sum(bool(path) for path in library.column("path"))
    if 2 * there < had:
        again = command(f"ingest {first}", library.root)
        raise LibraryError(
            f"{holds.format(there)}, and {as_typed(library.root)} {had:,} tracks: is a disk away? Nothing was changed.",
            fix=f"Mount it. If so many are meant to be gone, once, with the options of then: {again}",
        )


def _listed_by(recipe: LibraryRecipe) -> int:
    """Tracks that the server lists now."""
    account = recipe.options.manifest.account
    if account is None:
        raise ConfigError(
            f"{recipe.server} wants a user and a password.",
            fix="Set ANTIPHON_SUBSONIC_USER and ANTIPHON_SUBSONIC_PASSWORD.",
        )
    return sum(map(is_track, Subsonic(recipe.server, account).songs()))


def _files_of(root: Path) -> dict[str, tuple[int, int]]:
    """Path → size and time of the files that are there, by the library's ledger."""
    rows = open_tag_ledger(root).rows.select(["path", "size", "mtime_ns", "here"]).to_pylist()
    return {row["path"]: (row["size"], row["mtime_ns"]) for row in rows if row["here"]}


def _encoders_of(library: Library) -> tuple[list[str], list[str]]:
    """The encoders that made the library's vectors; the default ones where it has none. Imported ones cannot be run."""
    audio = [name for name in library.embedded("audio") if _computed(library, name)]
    encoders, texts = chosen_encoders(library.root, audio or None, None)
    return encoders, texts


def _computed(library: Library, name: str) -> bool:
    made_by = read_provenance(library.embedding_folder("audio", name) / "provenance.json")
    return made_by.origin == "computed"


def _indexed(root: Path) -> int | None:
    """Renew the index that answers, and what a quick search needs beside it."""
    try:
        chosen = checkpoint_for_search(root)
    except CheckpointError:  # nothing was trained: answers come from tags and from what was heard
        return None
    return index_library(root, chosen).tracks

"""Music that was moved as a whole: another disk, another mount point, another machine. Its tracks stay who they are.

What is written in a library of where its music is: ``audio_root`` and paths of tracks, the ledger of files, playlists
that are kept in it, why files could not be heard, and what it was made from. A table or a player's database goes on
naming the old folder, so that the library remembers, too, how to read that from now on (as ``ingest --path-map`` does).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.commands import as_typed
from antiphon.library.files import json_file, parquet, write_atomically, write_together
from antiphon.library.ingest.recipe.recorded import KEY, inodes_by_source
from antiphon.library.lock import only_writer
from antiphon.library.manifest.paths.mapping import below, is_absolute, shared_folder
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.library.tags.ledger import FILES, open_tag_ledger
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.rows import Row, read_rows
from antiphon.library.vectors.store import VectorWriter
from antiphon.printed import Printed

SHOWN = 3
Move = Callable[[str], str]
"""An absolute path → where it is now; as it stands where it was not moved."""


@dataclass(frozen=True, kw_only=True)
class MovedPaths(Printed):
    """What was moved, or would be.

    Parameters
    ----------
    old, new : the folder, then and now.
    tracks : whose files lie in it.
    found, missing : how many of these are where they are to be; some of those that are not.
    others : tracks elsewhere, which stay as they are.
    written : whether the library says so now.
    """

    library: str
    old: str
    new: str
    tracks: int
    found: int
    missing: tuple[str, ...]
    others: int
    written: bool = False

    def lines(self) -> list[str]:
        """For a person."""
        said = [
            f"{self.tracks:,} tracks lie in {self.old}; {self.found:,} of their files are in {self.new}, "
            f"{self.tracks - self.found:,} are not. {self.others:,} tracks lie elsewhere, and stay as they are."
        ]
        said += [f"  not there: {path}" for path in self.missing]
        if self.written:
            return [*said, "Done. Vectors, captions, splits and trainings are as they were."]
        return [*said, "Nothing was written. To do it, the same with --write."]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "missing": list(self.missing)}


def move_paths(root: Path, old: str, new: str, *, write: bool = False) -> MovedPaths:
    """Let a library know that a folder of music is elsewhere now; without ``write`` only count.

    Parameters
    ----------
    old : the folder as the library has it; a relative one starts from the current folder.
    new : where it is now.

    Raises
    ------
    LibraryError : no track lies in ``old``, or no file of them is in ``new``; or another process is writing.
    EmbeddingError : another process is writing vectors of files that could not be heard before.
    """
    library = Library(root)
    old = old if is_absolute(old) else os.path.abspath(old)  # noqa: PTH100
    old, new = old.rstrip("/\\") or old, os.path.abspath(Path(new).expanduser())  # noqa: PTH100
    sounds = [library.sound_at(str(path)) for path in library.column("path")]
    inside = [sound for sound in sounds if sound and not is_address(sound) and below(sound, old) is not None]
    if not inside:
        where = shared_folder([sound for sound in sounds if sound and not is_address(sound)])
        raise LibraryError(
            f"No track of {as_typed(root)} lies in {old}.",
            fix=f"They lie in {where}." if where else "Look at the column path of tracks.parquet.",
        )
    move = _mover(old, new)
    now = [split_part(move(sound))[0] for sound in inside]
    missing = [path for path in now if not os.path.exists(path)]  # noqa: PTH110
    if write and len(missing) == len(now):
        raise LibraryError(
            f"None of the {len(now):,} files is in {new}, such as {now[0]}.", fix="Mount it, or correct the path."
        )
    if write:
        with only_writer(root, "writing the tables of"):
            _write(library, old, new, move)
    return MovedPaths(
        library=as_typed(root),
        old=old,
        new=new,
        tracks=len(inside),
        found=len(now) - len(missing),
        missing=tuple(missing[:SHOWN]),
        others=len(sounds) - len(inside),
        written=write,
    )


def _mover(old: str, new: str) -> Move:
    def move(path: str) -> str:
        rest = None if is_address(path) else below(path, old)
        return path if rest is None else os.path.join(new, rest) if rest else new  # noqa: PTH118

    return move


def _write(library: Library, old: str, new: str, move: Move) -> None:
    """What names files, then the tables together: after a kill the same command does what is left to do."""
    _write_failures(library, move)
    for playlist in sorted((library.root / PLAYLISTS).glob("*.m3u*")):
        _write_playlist(playlist, move)
    start = "" if is_address(str(library.meta.get("audio_root", ""))) else str(library.audio_path("."))
    ledger = open_tag_ledger(library.root).rows
    table = library.track_table
    beside = {FILES: parquet(_moved(ledger, library, start, move), compression="zstd")} if ledger.num_rows else {}
    meta = dict(library.meta) | {"root": str(library.root.resolve())}
    if start:
        meta["audio_root"] = move(start)
    if "manifest" in meta:
        meta["manifest"] = move(str(meta["manifest"]))
    if KEY in meta:
        meta[KEY] = _source_moved(meta[KEY], old, new, move)
    write_together(
        library.root,
        {"tracks.parquet": parquet(_moved(table, library, start, move)), "library.json": json_file(meta), **beside},
    )


def _write_failures(library: Library, move: Move) -> None:
    """Why files could not be heard, told of the files where they are now."""
    tracks = zip(library.column("track_id").tolist(), library.column("path").tolist(), strict=True)
    sounds = {track: split_part(sound)[0] for track, path in tracks if (sound := library.sound_at(str(path or "")))}

    def told(row: Row) -> str:
        sound = sounds.get(row.id, "")
        return row.error.replace(sound, move(sound)) if sound and row.error else row.error

    for file in sorted((library.root / "embeddings" / "audio").glob("*/provenance.json")):
        try:
            made_by, rows = read_provenance(file), read_rows(file.parent)
        except EmbeddingError:  # a table that cannot be read names no files, and is no reason to stay in the old folder
            continue
        if any(told(row) != row.error for row in rows):
            with VectorWriter(file.parent, made_by) as writer:
                writer.update({r.id: replace(r, error=told(r)) for r in writer.rows if told(r) != r.error})


def _write_playlist(file: Path, move: Move) -> None:
    """A playlist whose files are named where they are now; from a relative one, as seen from it."""
    before = file.read_bytes().decode("utf-8", "surrogateescape")
    after = "".join(_line_moved(line, file.parent, move) for line in before.splitlines(keepends=True))
    if after != before:
        write_atomically(file, lambda stream: stream.write(after.encode("utf-8", "surrogateescape")))


def _line_moved(line: str, folder: Path, move: Move) -> str:
    path = line.rstrip("\r\n")
    if not path or path.startswith("#") or is_address(path):
        return line
    whole = path if is_absolute(path) else os.path.normpath(folder.resolve() / path)
    now = move(whole)
    if now == whole:
        return line
    return (now if is_absolute(path) else os.path.relpath(now, folder.resolve())) + line[len(path) :]


def _moved(table: pa.Table, library: Library, start: str, move: Move) -> pa.Table:
    """A table with its column ``path`` as it is now: relative paths stay so where what they start from moves along."""
    along = bool(start) and move(start) != start

    def one(path: str) -> str:
        if not path or is_address(path) or (along and not os.path.isabs(path)):  # noqa: PTH117
            return path
        sound = library.sound_at(path)
        return move(sound) if move(sound) != sound else path

    paths = pa.array([one(str(path or "")) for path in table.column("path").to_pylist()], pa.string())
    return table.set_column(table.schema.get_field_index("path"), table.schema.field("path"), paths)


def _source_moved(made_from: dict[str, Any], old: str, new: str, move: Move) -> dict[str, Any]:
    """What the library is made from, where it is now; tables go on naming the old folder, which is mapped."""
    sources: Sequence[str] = [move(str(source)) for source in made_from.get("sources", [])]
    folders = [move(str(folder)) for folder in made_from.get("audio_folders", [])]
    maps = [[written, move(str(here))] for written, here in made_from.get("path_maps", [])]
    if not all(Path(source).is_dir() for source in sources) and not any(written == old for written, _ in maps):
        maps.append([old, new])
    there = inodes_by_source(sources)  # numbers of the old folders would say nothing of where the disk of these is
    return {**made_from, "sources": list(sources), "inodes": there, "audio_folders": folders, "path_maps": maps}

"""A library: a folder with tracks, captions and everything that is made of them.

``tracks.parquet``   track_id, path, title, artist, album, group, split
``captions.parquet`` caption_id, track_id, text, kind; beside it ``made_captions.parquet``, of the same form, with
                     the captions that Antiphon made (:mod:`antiphon.library.captions`)
``splits.parquet``   track_id, group, split once more: no split is lost with ``tracks.parquet``
``metadata.parquet`` track_id, and a typed column for every field of metadata
``library.json``     format version, source manifest and its hash, split seed, the folder that paths start from, and
                     where the library itself was (sound inside it moves along with it)
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.arrow import texts_in
from antiphon.errors import LibraryError
from antiphon.library.addresses import is_address
from antiphon.library.captions import CAPTION_COLUMNS, CaptionKind, made_captions, texts_of, with_kinds
from antiphon.library.commands import as_typed
from antiphon.library.files import (
    PENDING,
    Write,
    finish_together,
    json_file,
    parquet,
    read_json,
    read_parquet,
    write_json,
    write_together,
)
from antiphon.library.lock import require_folder
from antiphon.library.metadata.store import Metadata, open_metadata

FORMAT = 1
SPLITS = ("train", "val", "test")
SPLITS_FILE = "splits.parquet"
"""A second copy of each track's group and split, from which a lost ``tracks.parquet`` is mended."""
MENDED_BY_INGEST = "Run antiphon ingest again: it mends it; splits and vectors are kept."
"""What to do where a table is damaged or gone."""
Kind = Literal["audio", "text"]
Strings = NDArray[np.object_]

FILLED = frozenset({"track_id", "caption_id", "text"})
"""Columns without which a row means nothing."""
TRACK_COLUMNS = ("track_id", "path", "title", "artist", "album", "group", "split")


@dataclass(frozen=True, kw_only=True)
class Track:
    """One piece of audio. ``path`` is empty in a library of captions and imported vectors only."""

    track_id: str
    path: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    group: str = ""
    split: str = ""


@dataclass(frozen=True, kw_only=True)
class Caption:
    """One text about one track; its id is ``{track_id}#{n}``, n from 0 in the order of the manifest."""

    caption_id: str
    track_id: str
    text: str
    kind: CaptionKind = "human"


class Library:
    """An opened library folder. Columns are read once, when first asked for.

    Raises
    ------
    LibraryError : the folder holds no library, or one of another format version.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        path = self.root / "library.json"
        require_folder(self.root)
        try:
            finish_together(self.root)
        except (OSError, ValueError) as error:
            raise LibraryError(
                f"{as_typed(self.root)} was left half written, and cannot be finished: {error}",
                fix=f"Make it writable; if that does not help, delete {path.with_name(PENDING)} and ingest again.",
            ) from error
        if not path.is_file():
            raise LibraryError(
                f"{self.root.resolve()} is not an Antiphon library (no library.json).",
                fix="Name one: --library DIR. Or make one of a folder or a table: antiphon ingest MUSIC --library DIR",
            )
        try:
            self.meta: dict[str, Any] = read_json(path)
        except (OSError, ValueError, RecursionError) as error:
            raise LibraryError(
                f"{path} is damaged: {error}", fix="Run antiphon ingest again; vectors are kept."
            ) from error
        found = self.meta.get("format") if isinstance(self.meta, dict) else None
        if found != FORMAT:
            raise LibraryError(
                f"{path} has format {found}; this version of Antiphon reads format {FORMAT}.",
                fix="Use the version that wrote it, or a later one."
                if isinstance(found, int) and found > FORMAT
                else "Run antiphon ingest again with this version, or use the version that wrote it.",
            )

    @cached_property
    def track_table(self) -> pa.Table:
        """``tracks.parquet``, one row a track."""
        return self._read("tracks.parquet", TRACK_COLUMNS)

    @cached_property
    def manifest_captions(self) -> pa.Table:
        """``captions.parquet``: those of the manifest, whoever wrote them, one row each in its order."""
        name = "captions.parquet"
        return with_kinds(self._read(name, CAPTION_COLUMNS[:3]), self.root / name).select(CAPTION_COLUMNS)

    @cached_property
    def caption_table(self) -> pa.Table:
        """Captions of every kind, one row each: the manifest's, then those that Antiphon made."""
        made, written = made_captions(self.root, self.track_table.column("track_id")), self.manifest_captions
        return pa.concat_tables([written, made], promote_options="permissive") if made is not None else written

    @cached_property
    def metadata(self) -> Metadata:
        """``metadata.parquet``: what is known of each track beside its captions."""
        return open_metadata(self)

    def _read(self, name: str, columns: Sequence[str]) -> pa.Table:
        """A table whose columns are all there, and are text that can be decoded."""
        fix = MENDED_BY_INGEST
        try:
            table = read_parquet(self.root / name)
            lacking = [column for column in columns if column not in table.column_names]
            if not lacking:
                table.select(columns).validate(full=True)
                texts_of(table, [column for column in columns if column in FILLED])
        except (OSError, ValueError, pa.ArrowException) as error:
            raise LibraryError(f"{self.root / name} cannot be read: {error}", fix=fix) from error
        if lacking:
            raise LibraryError(f"{self.root / name} has no column {', '.join(lacking)}.", fix=fix)
        return table

    def column(self, name: str) -> Strings:
        """One column of the track table, (n_tracks,) strings."""
        return texts_in(self.track_table.column(name))

    def caption_column(self, name: str) -> Strings:
        """One column of the caption table, (n_captions,) strings."""
        return texts_in(self.caption_table.column(name))

    @property
    def storage(self) -> list[str]:
        """Kinds of storage whose addresses may be opened ("s3"), beside this machine's own files."""
        return storage_of(self.meta)

    def allow_storage(self, schemes: Iterable[str]) -> None:
        """Note in ``library.json`` that addresses of these kinds may be opened, beside those that may already."""
        wanted = sorted({*self.storage, *(scheme.removesuffix("://").casefold() for scheme in schemes)})
        if wanted != self.storage:
            self.meta["storage"] = wanted
            write_json(self.root / "library.json", self.meta)

    @cached_property
    def row_of_track(self) -> dict[str, int]:
        """Row of each track id in the track table."""
        return {track_id: row for row, track_id in enumerate(self.column("track_id"))}

    def group_numbers(self, track_ids: Iterable[str]) -> NDArray[np.int64]:
        """(n,) number of each track's group, from 0; a track without a group is its own."""
        names = self.column("group")
        own = np.array([str(names[self.row_of_track[t]] or f"\x00{t}") for t in track_ids], dtype=str)
        return np.unique(own, return_inverse=True)[1].astype(np.int64)

    def track(self, track_id: str) -> Track:
        """One track by its id.

        Raises
        ------
        LibraryError : there is no such track.
        """
        row = self.row_of_track.get(track_id)
        if row is None:
            raise LibraryError(
                f"No track '{track_id}' in {as_typed(self.root)}.", fix="Ids stand in tracks.parquet, column track_id."
            )
        return Track(**self.track_table.slice(row, 1).to_pylist()[0])

    def audio_path(self, path: str) -> Path:
        """Where a track's file is: absolute as it stands, else below the manifest's folder; see :meth:`_now`."""
        return Path(self._now(str(Path(self.meta.get("audio_root", "")) / path)))

    @cached_property
    def _place(self) -> str:
        return str(self.root.resolve())

    def _now(self, path: str) -> str:
        """A path of the time of ingest, today: what lay inside the library's folder moves along with it."""
        then = str(self.meta.get("root", ""))
        inside = then and then != self._place and (path == then or path.startswith(f"{then.rstrip(os.sep)}{os.sep}"))
        return f"{self._place}{path[len(then.rstrip(os.sep)) :]}" if inside else path

    def sound_at(self, path: str) -> str:
        """A track's sound: the file's absolute path, or its address; "" where the manifest names neither."""
        root = str(self.meta.get("audio_root", ""))
        if not path or is_address(path):
            return path
        return f"{root.rstrip('/')}/{path}" if is_address(root) else str(self.audio_path(path).absolute())

    def tracks_in(self, split: str) -> NDArray[np.int64]:
        """(n,) rows of the track table that belong to ``split`` ("all" for every row); LibraryError for no split."""
        if split == "all":
            return np.arange(self.track_table.num_rows)
        if split not in SPLITS:
            raise LibraryError(f"Unknown split '{split}'.", fix="Use train, val, test or all.")
        rows: NDArray[np.int64] = np.flatnonzero(self.column("split") == split)
        return rows

    def split_fingerprint(self) -> str:
        """sha256 over (track id, split), independent of order: changes when any track changes sides."""
        pairs = sorted(f"{t}\x00{s}" for t, s in zip(self.column("track_id"), self.column("split"), strict=True))
        return hashlib.sha256("\x01".join(pairs).encode()).hexdigest()

    def embedding_folder(self, kind: Kind, name: str) -> Path:
        """Where the vectors of one encoder live."""
        return self.root / "embeddings" / kind / name

    def embedded(self, kind: Kind) -> list[str]:
        """Names of the encoders that have vectors here, sorted."""
        folder = self.root / "embeddings" / kind
        return sorted(p.parent.name for p in folder.glob("*/provenance.json"))


def storage_of(meta: Mapping[str, Any]) -> list[str]:
    """The kinds of storage that ``library.json`` allows; none where it says nothing that can be read."""
    allowed = meta.get("storage", [])
    return [str(scheme) for scheme in allowed] if isinstance(allowed, list) else []


def save_library(
    root: Path,
    tracks: Iterable[Track],
    captions: Iterable[Caption],
    meta: dict[str, Any],
    *,
    beside: Mapping[str, Write] | None = None,
) -> Library:
    """Write a library of tracks and captions; see :func:`save_tables`."""
    rows = list(tracks)
    texts = list(captions)
    track_table = pa.table({c: pa.array([getattr(t, c) for t in rows], pa.string()) for c in TRACK_COLUMNS})
    caption_table = pa.table({c: pa.array([getattr(t, c) for t in texts], pa.string()) for c in CAPTION_COLUMNS})
    return save_tables(root, track_table, caption_table, meta, beside=beside)


def save_tables(
    root: Path,
    tracks: pa.Table,
    captions: pa.Table,
    meta: dict[str, Any],
    *,
    beside: Mapping[str, Write] | None = None,
) -> Library:
    """Write the three files of a library; a run that is killed leaves all as they were, or all of them new.

    Parameters
    ----------
    tracks, captions : with the columns ``TRACK_COLUMNS`` and ``CAPTION_COLUMNS``, all of them text.
    beside : further files that must change together with them, name → how they are written.
    """
    about = {"format": FORMAT, "root": str(root.resolve()), **meta}
    write_together(
        root,
        {
            "tracks.parquet": parquet(tracks),
            "captions.parquet": parquet(captions),
            "library.json": json_file(about),
            **(beside or {}),
        },
    )
    return Library(root)

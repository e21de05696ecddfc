"""A library's folder, read: tracks, captions, vectors, checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from antiphon.api.arguments import PathLike, as_path, as_text, value_and_type
from antiphon.errors import ArgumentError
from antiphon.printed import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from antiphon.align.checkpoint.model import Model
    from antiphon.align.ensemble.fusion_result import FuseResult
    from antiphon.align.train_result import TrainResult
    from antiphon.library.metadata.store import Metadata
    from antiphon.library.tracks import Kind
    from antiphon.library.tracks import Library as Tables
    from antiphon.library.vectors.store import Vectors

CheckpointLike: TypeAlias = "PathLike | Model | TrainResult | FuseResult"
"""A name, a file, what is loaded from one, or what a training or fusion came to."""


class LibraryFolder:
    """What every part of :class:`antiphon.Library` stands on: the folder, as it is at the moment of asking."""

    def __init__(self, root: PathLike) -> None:
        self.root = as_path(root, "The library's folder")
        self._tables()

    def _tables(self) -> Tables:
        """The tables, opened anew: what else runs on this library may have changed them."""
        from antiphon.library.tracks import Library as Tables

        return Tables(self.root)

    def __len__(self) -> int:
        return int(self.tracks.num_rows)

    def __bool__(self) -> bool:  # a library without tracks is a library
        return True

    def __repr__(self) -> str:
        best = [name.removesuffix("_best_r1") for name in self.checkpoints if name.endswith("_best_r1")]
        found = {"audio": self.encoders, "text": self.text_encoders, "trained": best}
        listed = "; ".join(f"{what}: {' '.join(names)}" for what, names in found.items() if names)
        counts = f"{counted(len(self), 'track')}, {counted(self.captions.num_rows, 'caption')}"
        return f"Library('{self.root}': {counts}{'; ' if listed else ''}{listed})"

    @property
    def tracks(self) -> pa.Table:
        """One row a track, an Arrow table (``.to_pandas()``): track_id, path, title, artist, album, group, split."""
        return self._tables().track_table

    @property
    def captions(self) -> pa.Table:
        """One row a caption, an Arrow table (``.to_pandas()``): caption_id, track_id, text."""
        return self._tables().caption_table

    @property
    def metadata(self) -> Metadata:
        """What is known of each track beside its captions, one typed column a field (``metadata.parquet``).

        ``names``, ``type_of(name)``, ``column(name)`` (a value a track), ``of(track_id)`` (field → value), and
        ``arrow(name)`` for the column as Arrow stores it.
        """
        return self._tables().metadata

    @property
    def audit(self) -> dict[str, Any]:
        """What the last ingest found (``audit.json``): counts, leaks that were avoided, rows that were not usable."""
        from antiphon.library.leakage.groups import read_audit

        return read_audit(self.root)

    @property
    def encoders(self) -> tuple[str, ...]:
        """Audio encoders that the library has vectors of."""
        return tuple(self._tables().embedded("audio"))

    @property
    def text_encoders(self) -> tuple[str, ...]:
        """Text encoders that the library has vectors of."""
        return tuple(self._tables().embedded("text"))

    @property
    def checkpoints(self) -> dict[str, Path]:
        """Name → file of every checkpoint, sorted by name."""
        return {path.stem: path for path in sorted((self.root / "checkpoints").glob("*.pt"))}

    def vectors(self, encoder: str, *, kind: Kind = "audio") -> Vectors:
        """The stored raw vectors of an encoder: ``ids``, ``take(ids)`` → (n, d) float16, ``provenance``, ``failed``.

        Parameters
        ----------
        encoder : its name; ``"muq+mert"`` for two side by side.
        kind : ``"audio"`` (ids are track ids) or ``"text"`` (ids are caption ids).

        Raises
        ------
        LibraryError : there are none of that name; the message lists what there is.

        Examples
        --------
        >>> raw = library.vectors("timbre")
        >>> raw.take(raw.ids).shape
        (96, 198)
        """
        from antiphon.library.pairs import open_embedding

        if kind not in ("audio", "text"):
            raise ArgumentError(f"kind is 'audio' or 'text', not {value_and_type(kind)}.")
        return open_embedding(self._tables(), kind, as_text(encoder, "The encoder's name"))

    def model(self, checkpoint: CheckpointLike | None = None) -> Model:
        """A checkpoint of this library with its text encoder, as :func:`antiphon.load` gives one of any file.

        Parameters
        ----------
        checkpoint : the name of a training for its best, a file's name, or a path; None for the best on val.

        Raises
        ------
        CheckpointError : there is none, or it cannot be read.

        Examples
        --------
        >>> library.model("timbre").name
        'timbre_best_r1'
        """
        from antiphon.align.checkpoint.model import Model
        from antiphon.search.bundle.opening import open_model

        return checkpoint if isinstance(checkpoint, Model) else open_model(self._checkpoint(checkpoint))

    def _checkpoint(self, checkpoint: CheckpointLike | None, *, search: bool = False) -> Path:
        """The file that a caller means; for a search the one that was fitted again, unless a file was named."""
        from antiphon.align.checkpoint.model import Model
        from antiphon.align.checkpoint.paths import find_checkpoint
        from antiphon.align.ensemble.fusion_result import FuseResult
        from antiphon.align.train_result import TrainResult
        from antiphon.search.checkpoints import best_checkpoint, checkpoint_for_search

        if isinstance(checkpoint, Model):
            return checkpoint.path
        if isinstance(checkpoint, TrainResult):
            return (checkpoint.serving if search else None) or checkpoint.checkpoints["best_r1"]
        if isinstance(checkpoint, FuseResult):
            return checkpoint.checkpoint
        if checkpoint is None:
            return checkpoint_for_search(self.root) if search else best_checkpoint(self.root)
        return find_checkpoint(self.root, as_path(checkpoint, "The checkpoint"), search=search)

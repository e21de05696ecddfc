"""What a library answers: tracks for words, for a track, and for a vector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from antiphon.api.arguments import PathLike, as_count, as_text, described
from antiphon.api.folder import CheckpointLike, LibraryFolder
from antiphon.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from antiphon.align.checkpoint.model import Model
    from antiphon.search.hits import Hits
    from antiphon.search.searcher import Searcher

Signature: TypeAlias = tuple[tuple[int, int] | None, ...]


class AnswerVerbs(LibraryFolder):
    """The part of :class:`antiphon.Library` that searches. What a question loads stays loaded for the next."""

    def __init__(self, root: PathLike) -> None:
        super().__init__(root)
        self._searchers: dict[Path, tuple[Signature, Searcher]] = {}

    def search(self, query: str, *, k: int = 10, checkpoint: CheckpointLike | None = None) -> Hits:
        """The k tracks whose sound answers a description best.

        Parameters
        ----------
        query : what the music is like, in words.
        k : how many, at least 1.
        checkpoint : as for :meth:`antiphon.Library.evaluate`; None for the best on val.

        Raises
        ------
        CheckpointError : nothing was trained yet, or there is no such checkpoint.
        EmbeddingError : the text encoder on this machine is not the one of the training.

        Examples
        --------
        >>> for hit in library.search("slow sad piano", k=2):
        ...     print(hit.rank, hit.track_id in library.tracks["track_id"].to_pylist())
        1 True
        2 True
        """
        return self._searcher(checkpoint).search(as_text(query, "The query"), k=as_count(k, "k"))

    def similar(self, track_id: str, *, k: int = 10, checkpoint: CheckpointLike | None = None) -> Hits:
        """The k tracks that sound most like one of the library, itself left out.

        Parameters
        ----------
        track_id : its id, as in :attr:`antiphon.Library.tracks`.
        k, checkpoint : as for :meth:`search`.

        Raises
        ------
        LibraryError : no such track has a vector here.

        Examples
        --------
        >>> "d0001" in [hit.track_id for hit in library.similar("d0001")]
        False
        """
        return self._searcher(checkpoint).similar(as_text(track_id, "The track's id"), k=as_count(k, "k"))

    def nearest(self, vector: NDArray[Any], model: Model, *, k: int = 10) -> Hits:
        """The k tracks nearest to a vector of a model's shared space: what it embedded, or what you made of that.

        Parameters
        ----------
        vector : (dim,) numbers, of any length but 0.
        model : whose space it is in.
        k : how many, at least 1.

        Raises
        ------
        ArgumentError, CheckpointError : it is no vector of that space.

        Examples
        --------
        >>> model = library.model("timbre")
        >>> slow, piano = model.embed_text(["slow", "piano"])
        >>> len(library.nearest(slow + piano, model, k=3))
        3
        """
        from antiphon.align.checkpoint.model import Model

        if not isinstance(model, Model):
            raise ArgumentError(
                f"model has to be what antiphon.load or library.model gives, not {described(model)}.",
                fix='library.nearest(vector, library.model("timbre"))',
            )
        return self._searcher(model).nearest(vector, k=as_count(k, "k"))

    def _searcher(self, checkpoint: CheckpointLike | None) -> Searcher:
        """One that is still loaded, unless its checkpoint or the library's files have changed since."""
        from antiphon.align.checkpoint.model import Model
        from antiphon.search.searcher import Searcher

        path = self._checkpoint(checkpoint)
        signature = self._signature(path)
        known = self._searchers.get(path)
        if (
            known is None
            or known[0] != signature
            or (isinstance(checkpoint, Model) and known[1].model is not checkpoint)
        ):
            known = signature, Searcher(self.root, checkpoint if isinstance(checkpoint, Model) else path)
            self._searchers[path] = known
        return known[1]

    def _signature(self, checkpoint: Path) -> Signature:
        """Size and time of what answers depend on."""
        files = [checkpoint, self.root / "tracks.parquet", *sorted(self.root.glob("embeddings/audio/*/rows.parquet"))]
        return tuple(_stamp(path) for path in files)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns

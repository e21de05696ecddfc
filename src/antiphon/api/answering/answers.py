"""What a library answers: tracks for words, for a track, and for a vector."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from antiphon.api.answering.which import selection_of
from antiphon.api.arguments import PathLike, as_count, as_paths, as_text, described
from antiphon.api.folder import CheckpointLike, LibraryFolder
from antiphon.errors import AntiphonWarning, ArgumentError, CheckpointError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from antiphon.align.checkpoint.model import Model
    from antiphon.search.answering import Answering
    from antiphon.search.answers.selection import Selection
    from antiphon.search.hits import Hits
    from antiphon.search.searcher import Searcher
    from antiphon.search.zero_shot.searcher import UntrainedSearcher

Signature: TypeAlias = tuple[tuple[int, int] | None, ...]


class AnswerVerbs(LibraryFolder):
    """The part of :class:`antiphon.Library` that searches. What a question loads stays loaded for the next."""

    def __init__(self, root: PathLike) -> None:
        super().__init__(root)
        self._searchers: dict[Path, tuple[Signature, Searcher]] = {}
        self._untrained: tuple[Signature, UntrainedSearcher] | None = None
        self._best: tuple[Searcher, Answering] | None = None

    def search(
        self,
        query: str = "",
        *,
        file: PathLike | Iterable[PathLike] = (),
        k: int = 10,
        where: str | None = None,
        versions: bool = False,
        per_artist: int | None = None,
        per_album: int | None = None,
        exclude: PathLike | Iterable[PathLike] = (),
        exclude_artist: str | Iterable[str] = (),
        checkpoint: CheckpointLike | None = None,
    ) -> Hits:
        """The k songs that answer a description best; each says in ``by`` what found it.

        They are the answers of ``antiphon search``: versions of one song and files of one recording are one answer,
        which names the others in ``versions``; ``better_than`` says how well it fits, where that was calibrated.

        Where nothing was trained yet and no checkpoint is named, the library answers with what it has: an encoder's
        own text side, tags that were heard, captions, metadata (:mod:`antiphon.search.zero_shot`).

        Parameters
        ----------
        query : what the music is like, in words; may be left out beside a file.
        file : an audio file, or several, that answers sound like; of the library or not. They count as much as words.
        k : how many, at least 1.
        where : a filter on title, artist, album and metadata that answers must pass, such as
            ``"year >= 1970 and genre = jazz"`` (``docs/guides/filters.md``).
        versions : whether every version of a song is an answer of its own.
        per_artist, per_album : at most so many answers of one; None for any number.
        exclude : tracks that shall not be answers: the id of one, or a file with ids or paths, one a line (a playlist
            will do); or several of both.
        exclude_artist : an artist, or several, who shall not be among the answers.
        checkpoint : as for :meth:`antiphon.Library.evaluate`; None for the best on val.

        Raises
        ------
        ConfigError : the filter is wrong; the message points at the place.
        CheckpointError : there is no such checkpoint.
        EmbeddingError : the text encoder on this machine is not the one of the training.
        LibraryError : a file of tracks to exclude cannot be read, or an audio file cannot be heard.

        Warns
        -----
        AntiphonWarning : nothing was trained yet; what answers in its place, and what to do next. Once a library.

        Examples
        --------
        >>> for hit in library.search("slow sad piano", k=2):
        ...     print(hit.rank, hit.track_id in library.tracks["track_id"].to_pylist())
        1 True
        2 True
        """
        from antiphon.search.answers.selected import SelectedAnswers
        from antiphon.search.queries.reading import read_query

        files = [str(path) for path in as_paths(file, "An audio file")]
        query = query if files and query == "" else as_text(query, "The query")
        k, where = as_count(k, "k"), _as_filter(where)
        selection = selection_of(
            self.root,
            versions=versions,
            per_artist=per_artist,
            per_album=per_album,
            exclude=exclude,
            exclude_artist=exclude_artist,
        )
        searcher = self._answering(checkpoint, query)
        return SelectedAnswers(searcher=searcher, selection=selection, k=k, where=where).to(
            read_query(query, files=files)
        )

    def similar(
        self,
        track_id: str,
        *,
        k: int = 10,
        where: str | None = None,
        versions: bool = False,
        checkpoint: CheckpointLike | None = None,
    ) -> Hits:
        """The k songs that sound most like a track of the library, itself left out; versions as for :meth:`search`.

        Before any training they are compared by their audio vectors alone.

        Parameters
        ----------
        track_id : its id, as in :attr:`antiphon.Library.tracks`.
        k, where, versions, checkpoint : as for :meth:`search`.

        Raises
        ------
        LibraryError : no such track has a vector here.

        Examples
        --------
        >>> "d0001" in [hit.track_id for hit in library.similar("d0001")]
        False
        """
        track = as_text(track_id, "The track's id")
        searcher, where = self._answering(checkpoint), _as_filter(where)
        return self._songs(versions).of(lambda count: searcher.similar(track, k=count, where=where), as_count(k, "k"))

    def nearest(
        self, vector: NDArray[Any], model: Model, *, k: int = 10, where: str | None = None, versions: bool = False
    ) -> Hits:
        """The k songs nearest to a vector of a model's shared space: what it embedded, or what you made of that.

        Parameters
        ----------
        vector : (dim,) numbers, of any length but 0.
        model : whose space it is in.
        k : how many, at least 1.
        where, versions : as for :meth:`search`.

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
        searcher, where = self._searcher(model), _as_filter(where)
        return self._songs(versions).of(lambda count: searcher.nearest(vector, k=count, where=where), as_count(k, "k"))

    def _songs(self, versions: bool) -> Selection:
        """Each song once, unless every version is wanted."""
        from antiphon.search.answers.selection import Selection

        return Selection(root=self.root, versions=versions)

    def _answering(self, checkpoint: CheckpointLike | None, query: str = "") -> Answering:
        """A searcher with a checkpoint; before any training, one without."""
        if checkpoint is not None:
            return self._searcher(checkpoint)
        from antiphon.search.answering import has_checkpoint
        from antiphon.search.made_searcher import MadeSearcher

        if not has_checkpoint(self.root):  # without loading torch
            return self._untrained_searcher(query)
        try:
            best = self._searcher(None)
        except CheckpointError:
            return self._untrained_searcher(query)
        if self._best is None or self._best[0] is not best:
            self._best = best, best if best.by_people else MadeSearcher(best)
        return self._best[1]

    def _untrained_searcher(self, query: str) -> UntrainedSearcher:
        """One that is still loaded, unless the library's files have changed since."""
        from antiphon.search.zero_shot.searcher import UntrainedSearcher

        signature = self._stamps("*.parquet", "embeddings/*/*/rows.*")
        if self._untrained is None or self._untrained[0] != signature:
            told_before = self._untrained is not None
            self._untrained = signature, UntrainedSearcher(self.root)
            if not told_before:
                warnings.warn("\n".join(self._untrained[1].remarks(query)), AntiphonWarning, stacklevel=4)
        return self._untrained[1]

    def _searcher(self, checkpoint: CheckpointLike | None) -> Searcher:
        """One that is still loaded, unless its checkpoint or the library's files have changed since."""
        from antiphon.align.checkpoint.model import Model
        from antiphon.search.searcher import Searcher

        path = self._checkpoint(checkpoint, search=True)
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
        return _stamp(checkpoint), *self._stamps("tracks.parquet", "metadata.parquet", "embeddings/audio/*/rows.*")

    def _stamps(self, *patterns: str) -> Signature:
        return tuple(_stamp(path) for pattern in patterns for path in sorted(self.root.glob(pattern)))


def _as_filter(where: str | None) -> str | None:
    return None if where is None else as_text(where, "The filter")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns

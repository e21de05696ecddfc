"""What a library answers: tracks for words, for a track, and for a vector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from antiphon.api.answering.opened import WhatAnswers
from antiphon.api.answering.which import selection_of
from antiphon.api.arguments import PathLike, as_count, as_paths, as_text, value_and_type
from antiphon.api.folder import CheckpointLike
from antiphon.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from antiphon.align.checkpoint.model import Model
    from antiphon.search.answers.selection import Selection
    from antiphon.search.hits import Hits
    from antiphon.search.indexing import Indexed


class AnswerVerbs(WhatAnswers):
    """The part of :class:`antiphon.Library` that searches. What a question loads stays loaded for the next."""

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
        checkpoint: CheckpointLike | Sequence[CheckpointLike] | None = None,
        index: str | None = None,
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
        checkpoint : as for :meth:`antiphon.Library.evaluate`; None for the best on val. Several answer together: as one
            ensemble with weights from val where they can be fused, else by the ranks that each gives
            (``docs/guides/several-encoders.md``).
        index : a Milvus collection that :meth:`antiphon.Library.index` filled, to be asked in place of the library's
            own index: ``"milvus://HOST:PORT/COLLECTION"``, or a file ``"tracks.db"``
            (``docs/guides/milvus-cluster.md``).

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
        searcher = self._answering(checkpoint, query, index)
        return SelectedAnswers(searcher=searcher, selection=selection, k=k, where=where).to(
            read_query(query, files=files)
        )

    def similar(
        self,
        track_id: str | None = None,
        *,
        file: PathLike | Iterable[PathLike] = (),
        k: int = 10,
        where: str | None = None,
        versions: bool = False,
        checkpoint: CheckpointLike | Sequence[CheckpointLike] | None = None,
        index: str | None = None,
    ) -> Hits:
        """The k songs that sound most like a track of the library, itself left out, or like an audio file.

        Before any training they are compared by their audio vectors alone.

        Parameters
        ----------
        track_id : its id, as in :attr:`antiphon.Library.tracks`.
        file : an audio file, or several, of the library or not, as for :meth:`search`: in place of a track, or beside
            it.
        k, where, versions, checkpoint, index : as for :meth:`search`.

        Raises
        ------
        ArgumentError : neither a track nor a file is given.
        LibraryError : no such track has a vector here, or a file cannot be heard.

        Examples
        --------
        >>> "d0001" in [hit.track_id for hit in library.similar("d0001")]
        False
        """
        from antiphon.search.queries.query import Query

        files = [str(path) for path in as_paths(file, "An audio file")]
        tracks = [] if track_id is None and files else [as_text(track_id, "The track's id")]
        searcher, where = self._answering(checkpoint, index=index), _as_filter(where)

        def alike(count: int) -> Hits:
            if not files:
                return searcher.similar(tracks[0], k=count, where=where)
            return searcher.answer(Query(like=tuple(tracks), files=tuple(files)), k=count, where=where)

        return self._songs(versions).of(alike, as_count(k, "k"))

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
                f"model has to be what antiphon.load or library.model gives, not {value_and_type(model)}.",
                fix='library.nearest(vector, library.model("timbre"))',
            )
        searcher, where = self._searcher(model), _as_filter(where)
        return self._songs(versions).of(lambda count: searcher.nearest(vector, k=count, where=where), as_count(k, "k"))

    def index(
        self,
        checkpoint: CheckpointLike | None = None,
        *,
        index: str | None = None,
        anew: bool = False,
        exact_mb: int | None = None,
    ) -> Indexed:
        """Put every track into the shared space, ready to be searched; a search does so by itself where it has to.

        Parameters
        ----------
        checkpoint : as for :meth:`search`, or the folder of a sealed bundle.
        index : in place of the library's own index a Milvus collection, as for :meth:`search`. What changed is put
            there, what went is removed.
        anew : project every track, also those that the index holds already.
        exact_mb : size of the vectors, MB, up to which every answer looks at all tracks; None for 256, or as before.

        Raises
        ------
        EmbeddingError : the library's vectors are not of the checkpoint's encoder, or Milvus does not answer.

        Examples
        --------
        >>> library.index("timbre").tracks
        96
        """
        from antiphon.search.indexing import index_in_milvus, index_library

        chosen = self._checkpoint(checkpoint, search=True)
        if index is not None:
            return index_in_milvus(self.root, chosen, as_text(index, "The index"))
        limit = None if exact_mb is None else as_count(exact_mb, "exact_mb") << 20
        return index_library(self.root, chosen, anew=anew, exact_bytes=limit)

    def _songs(self, versions: bool) -> Selection:
        """Each song once, unless every version is wanted."""
        from antiphon.search.answers.selection import Selection

        return Selection(root=self.root, versions=versions)


def _as_filter(where: str | None) -> str | None:
    return None if where is None else as_text(where, "The filter")

"""A library's vectors: made by encoders, or brought along."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from antiphon.api.arguments import PathLike, as_count, as_names, as_path, as_text, value_and_type
from antiphon.api.folder import LibraryFolder
from antiphon.errors import AntiphonWarning, ArgumentError

if TYPE_CHECKING:
    from antiphon.api.embedded import Embedded, OnProgress
    from antiphon.captions.report import Made
    from antiphon.layout import Layout
    from antiphon.library.leakage.regrouping import Regrouping
    from antiphon.library.tracks import Kind
    from antiphon.library.vectors.files.import_report import ImportReport


class EmbeddingVerbs(LibraryFolder):
    """The part of :class:`antiphon.Library` that fills it with vectors."""

    def embed(
        self,
        encoders: str | Sequence[str] | None = None,
        *,
        text: str | Sequence[str] | None = None,
        phrases: bool | None = None,
        weights: Mapping[str, PathLike] | None = None,
        device: str = "auto",
        dtype: Literal["auto", "float32", "bfloat16"] = "auto",
        jobs: int | None = None,
        batch_seconds: float = 120.0,
        retry_failed: bool = False,
        check_content: bool = False,
        windows: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Embedded:
        """Run frozen encoders over the library's audio and captions; only what has no current vector is embedded.

        Parameters
        ----------
        encoders : audio encoders by name. None for timbre, harmony, rhythm and, once it was fetched, musicnn; none
            where ``text`` is given alone.
        text : text encoders by name, or ids or folders of sentence-transformers models; None for ``"minilm"`` and those
            that have read captions here before, ``[]`` for none.
        phrases : also embed the tags, clauses and sentences in people's captions, which training then draws too; None
            for where captions share them, as lists of tags do, and where they were embedded before.
        weights : encoder → folder or hub id (``ID@REVISION`` pins it), in place of its default weights.
        device : where models run: auto, cpu, cuda (all GPUs), ``"cuda:0,cuda:1"`` (these), or mps.
        dtype : arithmetic inside models.
        jobs : worker processes that decode; None for one a core.
        batch_seconds : how much audio a model hears at once, seconds.
        retry_failed : also try again what failed before.
        check_content : tell a changed file by a hash of its content in place of its size and time.
        windows : also keep the mean of every 10 s of each track: answers of :meth:`antiphon.Library.search` then say
            in ``best_at`` where a track fits best.
        on_progress : called as it goes on.

        Raises
        ------
        EncoderError : an encoder is unknown, or its package or weights are not there. What other encoders have read
            is stored.
        EmbeddingError : the vectors that are here were made another way.

        Warns
        -----
        AntiphonWarning : something could not be embedded; or, after training, duplicates changed the split of tracks.

        Examples
        --------
        >>> done = library.embed("timbre", text="minilm")
        >>> [(report.encoder, report.already + report.embedded == report.total) for report in done.reports]
        [('minilm', True), ('timbre', True)]
        """
        from antiphon.api.chosen import chosen_encoders
        from antiphon.api.embedded import embed_library
        from antiphon.registry import LoadOptions

        audio_names, text_names = chosen_encoders(
            self.root,
            None if encoders is None else as_names(encoders, "encoders"),
            None if text is None else as_names(text, "text"),
        )
        done = embed_library(
            self.root,
            audio_names,
            text_names,
            phrases=phrases,
            options=LoadOptions(device=device, dtype=dtype, by_name=_by_name(weights)),
            retry_failed=retry_failed,
            on_progress=on_progress,
            jobs=None if jobs is None else as_count(jobs, "jobs"),
            batch_seconds=batch_seconds,
            check_content=check_content,
            windows=windows,
        )
        for report in done.reports:
            if report.failed:
                _warn("\n".join(report.lines()))
        self._warn_of_moves(done.regrouped)
        done.require_all()
        return done

    def caption(self, kinds: str | Sequence[str] = ("tags", "machine")) -> Made:
        """Describe tracks that nobody described: from their metadata, and from what encoders heard in them.

        All captions that were made before are replaced; what people wrote is not touched. :meth:`embed` makes those of
        the same kinds anew, and no others.

        Parameters
        ----------
        kinds : ``"tags"`` (from metadata), ``"machine"`` (from the sound), or both.

        Returns
        -------
        The captions: ``table``, ``counts()``, ``examples()``, and what is ``missing`` for more.

        Raises
        ------
        LibraryError : nothing is known of any track.

        Examples
        --------
        >>> made = library.caption("machine")
        >>> set(made.table["kind"].to_pylist())
        {'machine'}
        """
        from antiphon.captions.making import make_captions, write_captions

        made = make_captions(self._tables(), as_names(kinds, "kinds"))
        write_captions(made)
        return made

    def import_embeddings(
        self,
        name: str,
        file: PathLike,
        *,
        kind: Kind = "audio",
        ids: PathLike | None = None,
        layout: Layout | str | None = None,
    ) -> ImportReport:
        """Bring vectors that you already have; the file is checked wholly before anything is written.

        Parameters
        ----------
        name : what to call the encoder here; a known one (muq, mert, latent) brings its layout.
        file : ``.npy`` with ``ids``, ``.npz`` (ids, vectors), ``.parquet`` (id, vector) or ``.h5``.
        kind : ``"audio"`` (ids are track ids) or ``"text"`` (ids are caption ids, ``{track_id}#{n}``).
        ids : a text file with one id a line.
        layout : how a vector is composed, ``"25x1024x3"`` for layers × dims × statistics; None for what is known.

        Raises
        ------
        EmbeddingError : the file cannot be read, or does not fit its ids, the layout, float16 or this library.

        Warns
        -----
        AntiphonWarning : ids that the library does not have, or that lack a vector; duplicates as for :meth:`embed`.

        Examples
        --------
        >>> import numpy as np
        >>> ids = library.tracks["track_id"].to_pylist()
        >>> np.savez("mine.npz", ids=ids, vectors=np.random.default_rng(0).normal(size=(len(ids), 64)))
        >>> library.import_embeddings("mine", "mine.npz").imported
        96
        """
        if kind not in ("audio", "text"):
            raise ArgumentError(f"kind is 'audio' or 'text', not {value_and_type(kind)}.")
        from antiphon.api.embedded import import_into_library

        report, regrouped = import_into_library(
            self.root,
            as_text(name, "The encoder's name"),
            as_path(file, "The file of vectors"),
            kind=kind,
            ids=None if ids is None else as_path(ids, "The file of ids"),
            layout=layout,
        )
        if report.unknown or report.lacking:
            _warn("\n".join(report.lines()))
        self._warn_of_moves(regrouped)
        return report

    def _warn_of_moves(self, regrouped: Regrouping) -> None:
        """Tracks that change sides are no matter before the first training, unless a split is empty then."""
        if (regrouped.moved and self.checkpoints) or regrouped.empty:
            warnings.warn("\n".join(regrouped.lines()), AntiphonWarning, stacklevel=3)


def _by_name(weights: Mapping[str, PathLike] | None) -> tuple[tuple[str, tuple[str | None, str | None]], ...]:
    """Weights as :class:`antiphon.registry.LoadOptions` takes them; a native text tower shares its audio side's."""
    from antiphon.encoders._shared.native import with_text_sides

    if weights is None:
        return ()
    if not isinstance(weights, Mapping):
        raise ArgumentError(
            f"weights has to be a dict of encoders and what their weights are, not {value_and_type(weights)}.",
            fix='weights={"muq": "/models/muq"}',
        )
    given = {
        as_text(name, "An encoder's name"): os.fspath(as_path(w, f"The weights of {name}"))
        for name, w in weights.items()
    }
    return tuple((name, (where, None)) for name, where in with_text_sides(given).items())


def _warn(message: str) -> None:
    warnings.warn(message, AntiphonWarning, stacklevel=3)

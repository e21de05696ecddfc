"""A checkpoint together with its text encoder: words and an encoder's raw vectors into the shared space."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import text_encoder_of
from antiphon.arrays import unit_length
from antiphon.errors import ArgumentError, CheckpointError
from antiphon.registry import TextEncoder

Float32 = NDArray[np.float32]


class Model:
    """A loaded checkpoint, ready to embed words and vectors. :func:`antiphon.load` makes one.

    ``embed_*`` give vectors of unit length, whose dot product is the cosine. ``score_*`` give what search ranks by:
    the same numbers, and two more where the checkpoint corrects for hubs.

    Parameters
    ----------
    path : the file it came from.
    bundle : what is in it.
    text_encoder : that reads for it; None for the one on this machine.

    Examples
    --------
    >>> model = antiphon.load("mylib/checkpoints/timbre_best_r1.pt")
    >>> model.encoder, model.text_encoder
    ('timbre', 'minilm')
    """

    def __init__(self, path: Path, bundle: Bundle, text_encoder: TextEncoder | None = None) -> None:
        self.path = path
        self.bundle = bundle
        self._text_encoder = text_encoder

    @classmethod
    def load(cls, path: Path) -> Model:
        """Open a checkpoint; its text encoder loads when the first text is embedded.

        Raises
        ------
        CheckpointError : the file is missing, damaged, or no Antiphon checkpoint.
        """
        return cls(path, Bundle.load(path))

    def __repr__(self) -> str:
        return f"Model('{self.name}': {self.encoder} and {self.text_encoder}, {self.dim:,} dimensions)"

    @property
    def name(self) -> str:
        """The file's stem, ``"timbre_best_r1"``."""
        return self.bundle.name

    @property
    def encoder(self) -> str:
        """The audio encoder whose vectors it takes; ``"muq+mert"`` and ``"muq,mert"`` are several side by side."""
        return self.bundle.encoder

    @property
    def text_encoder(self) -> str:
        """The text encoder whose vectors it takes."""
        return self.bundle.text_encoder

    @property
    def dim(self) -> int:
        """Size of the shared space."""
        return self.bundle.dim

    @property
    def val(self) -> dict[str, Any]:
        """The val figures of the epoch it was saved at, as they stand in the history."""
        return dict(self.bundle.val)

    def load_text_encoder(self) -> TextEncoder:
        """The text encoder, with what fine-tuning changed in it; loaded once, at the first text at the latest.

        Raises
        ------
        EncoderError : it, or its weights, are not on this machine.
        EmbeddingError : the one on this machine is not the one of the training, or its vectors were imported.

        Examples
        --------
        >>> model.load_text_encoder().card.name
        'minilm'
        """
        if self._text_encoder is None:
            self._text_encoder = text_encoder_of(self.bundle)
        return self._text_encoder

    def embed_text(self, texts: Sequence[str]) -> Float32:
        """(n, dim) float32 of unit length: texts in the shared space.

        Raises
        ------
        ArgumentError : not a list of texts, or one of them is blank.
        EncoderError, EmbeddingError : as for :meth:`load_text_encoder`.

        Examples
        --------
        >>> slow, fast = model.embed_text(["slow sad piano", "fast drums"])
        >>> bool(slow @ fast < 1)
        True
        """
        return self.bundle.embed_text(self._read(texts))

    def embed_audio(self, vectors: NDArray[Any]) -> Float32:
        """(n, dim) float32 of unit length: an audio encoder's raw vectors, (n, d), in the shared space.

        Raises
        ------
        ArgumentError : not a matrix of finite numbers.
        CheckpointError : d is not the encoder's.

        Examples
        --------
        >>> raw = library.vectors("timbre")
        >>> model.embed_audio(raw.take(raw.ids)).shape == (96, model.dim)
        True
        """
        return self.bundle.embed_audio(self._matrix(vectors))

    def score_text(self, texts: Sequence[str]) -> Float32:
        """(n, k) float32: :meth:`embed_text`, and what it takes to score as search does. Errors as there.

        Examples
        --------
        >>> raw = library.vectors("timbre")
        >>> scores = model.score_text(["slow sad piano"]) @ model.score_audio(raw.take(raw.ids)).T
        >>> raw.ids[scores[0].argmax()] == library.search("slow sad piano", checkpoint=model)[0].track_id
        True
        """
        return self.bundle.score_text(self._read(texts))

    def score_audio(self, vectors: NDArray[Any]) -> Float32:
        """(n, k) float32: :meth:`embed_audio`, and what it takes to score as search does. Errors as there.

        Examples
        --------
        >>> raw = library.vectors("timbre")
        >>> len(model.score_audio(raw.take(raw.ids)))
        96
        """
        return self.bundle.score_audio(self._matrix(vectors))

    def score_vectors(self, embedded: NDArray[Any]) -> Float32:
        """(n, k) float32: vectors of :meth:`embed_text`, or made of such, as :meth:`score_text` gives them.

        Raises
        ------
        ArgumentError : not a matrix of finite numbers.
        CheckpointError : they are not of this shared space's size.

        Examples
        --------
        >>> slow, piano = model.embed_text(["slow", "piano"])
        >>> len(model.score_vectors([slow + piano]))
        1
        """
        matrix = self._matrix(embedded)
        if matrix.shape[1] != self.dim:
            raise CheckpointError(
                f"The shared space of {self.name} has {self.dim} dimensions, not {matrix.shape[1]}.",
                fix="Use vectors that the same model's embed_text gave.",
            )
        unit = unit_length(matrix)
        hubness = self.bundle.hubness
        return unit if hubness is None else hubness.score_texts(unit)

    def _read(self, texts: Sequence[str]) -> Float32:
        return self.load_text_encoder().encode(_texts(texts))

    @staticmethod
    def _matrix(vectors: NDArray[Any]) -> NDArray[Any]:
        try:
            matrix = np.asarray(vectors)
        except ValueError as error:
            raise ArgumentError(f"The vectors are no matrix: {error}", fix="Give an array of shape (n, d).") from error
        if matrix.dtype.kind not in "fiu" or matrix.ndim != 2:
            raise ArgumentError(
                f"Vectors are a matrix of numbers, one vector a row, not {matrix.dtype} of shape {matrix.shape}.",
                fix="One vector alone is vector[None]; words go to embed_text.",
            )
        bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
        if len(bad):
            raise ArgumentError(f"The vector in row {bad[0]} (and {len(bad) - 1} more) has values that are not finite.")
        return matrix


def _texts(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str | bytes | os.PathLike) or not hasattr(texts, "__iter__"):
        raise ArgumentError(
            f"Texts are a list of them, not {type(texts).__name__}: {texts!r:.80}.",
            fix='Write embed_text(["slow sad piano"]).',
        )
    found = list(texts)
    for i, text in enumerate(found):
        if not isinstance(text, str):
            raise ArgumentError(f"Text number {i} is of type {type(text).__name__}, not str: {text!r:.80}.")
        if not text.strip():
            raise ArgumentError(f"Text number {i} is blank.", fix="Leave it out.")
    return [str(text) for text in found]

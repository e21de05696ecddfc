"""The audio side of a checkpoint as a graph: ``audio.onnx``, raw vectors → what search ranks by.

It is there where window vectors are kept, and says where in a track the words fit best.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.registry import Float32
from antiphon.search.light.sentence import open_session
from antiphon.search.light.text_side import TextSide

AUDIO = "audio.onnx"


class AudioSide:
    """Tracks and words of one checkpoint on one scale, without torch.

    Parameters
    ----------
    folder : that holds the graph.
    encoder : the audio encoder whose vectors it takes; several are joined by +.
    text_side : of the same checkpoint.

    Raises
    ------
    CheckpointError : the graph is missing or damaged; on first use.
    """

    def __init__(self, folder: Path, encoder: str, text_side: TextSide) -> None:
        self.encoder = encoder
        self._folder, self._text_side = folder, text_side

    @cached_property
    def _session(self) -> Any:
        return open_session(self._folder / AUDIO)

    def score_text(self, texts: Sequence[str]) -> Float32:
        """(n, score_dim) float32: texts that are not blank."""
        return self._text_side.score(texts)

    def score_audio(self, vectors: NDArray[Any]) -> Float32:
        """(n, score_dim) float32 of raw vectors, (n, d); the product with :meth:`score_text` is the score."""
        found: Float32 = self._session.run(["scores"], {"raw": np.asarray(vectors, np.float32)})[0]
        return found

"""A sentence model by its graph: tokens by tokenizers, the rest by onnxruntime, weights mapped into memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.encoders._sentence.batches import batches
from antiphon.errors import CheckpointError
from antiphon.registry import EncoderCard, Float32

ERRORS = 3
"""onnxruntime's number for: say nothing below an error."""


@dataclass(frozen=True, kw_only=True)
class SentenceFiles:
    """Where a sentence model lies.

    Parameters
    ----------
    graph : the ``.onnx`` file; its weights lie beside it, in the file that it names.
    tokenizer : ``tokenizer.json``.
    longest : tokens of a text that are read, its marks of beginning and end included.
    """

    graph: Path
    tokenizer: Path
    longest: int


class LightSentence:
    """A :class:`antiphon.registry.TextEncoder` that gives the vectors of the model that its graph was written from.

    Parameters
    ----------
    card : the encoder's.
    weights_id : sha256 of its weights.
    files : where it lies; opened with the first text.
    """

    def __init__(self, card: EncoderCard, weights_id: str, files: SentenceFiles) -> None:
        self.card = card
        self.weights_id = weights_id
        self._files = files

    @property
    def most_tokens(self) -> int:
        """Tokens of a text that are read, its marks of beginning and end included."""
        return self._files.longest

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self._files.tokenizer))
        except Exception as error:  # tokenizers raises nothing narrower for missing and damaged files
            raise CheckpointError(
                f"{self._files.tokenizer} cannot be read: {error}.", fix="antiphon index --anew"
            ) from error
        tokenizer.enable_truncation(self._files.longest)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        return open_session(self._files.graph)

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Whether a text is longer than what is read of it."""
        return [bool(encoding.overflowing) for encoding in self._encodings(texts, self.card.prompt)]

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32 of unit length: captions."""
        return self._encoded(texts, self.card.prompt)

    def encode_queries(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32 of unit length: queries, to be compared with captions."""
        asked = self.card.query_prompt
        return self._encoded(texts, self.card.prompt if asked is None else asked)

    def _encoded(self, texts: Sequence[str], prompt: str) -> Float32:
        out = np.empty((len(texts), self.card.layout.size), np.float32)
        tokens = [encoding.ids for encoding in self._encodings(texts, prompt)] if len(texts) else []
        for rows in batches(tokens):
            out[rows] = self._forward([tokens[i] for i in rows])
        return out

    def _encodings(self, texts: Sequence[str], prompt: str) -> list[Any]:
        found: list[Any] = self._tokenizer.encode_batch([prompt + text for text in texts])
        return found

    def _forward(self, tokens: Sequence[Sequence[int]]) -> Float32:
        longest = max(map(len, tokens))
        ids, mask = (np.zeros((len(tokens), longest), np.int64) for _ in range(2))
        for row, own in enumerate(tokens):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1
        vectors: Float32 = self._session.run(["vectors"], {"ids": ids, "mask": mask})[0]
        return vectors


def open_session(graph: Path) -> Any:
    """An onnxruntime session on the CPU, made for a process that asks once.

    The graph is run as it stands and weights are mapped where they lie: optimising the one and packing the others takes
    longer than a query, and twice the weights' size in memory.

    Raises
    ------
    CheckpointError : a file is missing, damaged, or not what the graph was written for.
    """
    onnxruntime = _onnxruntime()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = ERRORS
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a dozen types for missing and damaged files
        raise CheckpointError(
            f"{graph} cannot be read: {error}", fix="Make it again: antiphon index, or antiphon bundle."
        ) from error


def _onnxruntime() -> Any:
    """onnxruntime, told before it loads to report nothing.

    Since 1.29 it numbers the machine in ``~/.cache/Microsoft`` and sends its makers what it runs and what fails, on
    Linux and macOS too. It reads the variable once, when it loads; the call is for Windows, and for a process that had
    loaded it.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime

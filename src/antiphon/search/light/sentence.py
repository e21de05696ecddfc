"""A sentence model by its graph: tokens by tokenizers, the rest by onnxruntime, weights mapped into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.registry import EncoderCard, Float32
from antiphon.search.light.tensors import mapped, places

BATCH = 64
"""Texts that the model reads at once."""


@dataclass(frozen=True, kw_only=True)
class SentenceFiles:
    """Where a sentence model lies.

    Parameters
    ----------
    graph : the ``.onnx`` file.
    weights : safetensors file → names of the tensors that the graph takes out of it.
    tokenizer : ``tokenizer.json``.
    longest : tokens of a text that are read, its marks of beginning and end included.
    """

    graph: Path
    weights: Mapping[Path, Sequence[str]]
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

        tokenizer = Tokenizer.from_file(str(self._files.tokenizer))
        tokenizer.enable_truncation(self._files.longest)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        return open_session(self._files.graph, self._files.weights)

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Whether a text is longer than what is read of it."""
        return [bool(encoding.overflowing) for encoding in self._encodings(texts)]

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32 of unit length."""
        out = np.empty((len(texts), self.card.layout.size), np.float32)
        tokens = [encoding.ids for encoding in self._encodings(texts)] if len(texts) else []
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            out[rows] = self._forward([tokens[i] for i in rows])
        return out

    def _encodings(self, texts: Sequence[str]) -> list[Any]:
        found: list[Any] = self._tokenizer.encode_batch([self.card.prompt + text for text in texts])
        return found

    def _forward(self, tokens: Sequence[Sequence[int]]) -> Float32:
        longest = max(map(len, tokens))
        ids, mask = (np.zeros((len(tokens), longest), np.int64) for _ in range(2))
        for row, own in enumerate(tokens):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1
        vectors: Float32 = self._session.run(["vectors"], {"ids": ids, "mask": mask})[0]
        return vectors


def open_session(graph: Path, weights: Mapping[Path, Sequence[str]] | None = None) -> Any:
    """An onnxruntime session on the CPU, made for a process that asks once.

    The graph is run as it stands and weights are used where they lie: optimising the one and packing the other takes
    longer than a query, and as much memory again.

    Raises
    ------
    OSError, ValueError, RuntimeError : a file is missing, or not what the graph was written for.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = {name: value for file, names in (weights or {}).items() for name, value in _values(file, names).items()}
    if values:
        options.add_external_initializers(list(values), list(values.values()))
    return onnxruntime.InferenceSession(graph.read_bytes(), options, providers=["CPUExecutionProvider"])


def _values(file: Path, names: Sequence[str]) -> dict[str, Any]:
    import onnxruntime

    there = places(file)
    lacking = sorted(set(names) - set(there))
    if lacking:
        raise ValueError(f"{file} lacks {', '.join(lacking[:3])}")
    arrays = mapped(file, {name: there[name] for name in names})
    return {name: onnxruntime.OrtValue.ortvalue_from_numpy(array) for name, array in arrays.items()}

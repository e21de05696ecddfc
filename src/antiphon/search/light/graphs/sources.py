"""Sentence models as graphs in a folder, each beside the weights that it needs; nothing here loads torch."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from antiphon.encoders._sentence.mean_pooled import MeanPooled
from antiphon.encoders._sentence.sentence_model import SentenceModel
from antiphon.library.files import write_atomically
from antiphon.registry import EncoderCard
from antiphon.search.light.graphs.graph import Graph
from antiphon.search.light.graphs.tensors import StoredTensor, mapped, places
from antiphon.search.light.graphs.transformer_graph import mean_pooled_graph
from antiphon.search.light.graphs.unexportable import Unexportable

WEIGHTS = "model.safetensors"
TOLERANCE = 1e-4
"""Largest difference between a number that graphs give and the model's own."""
CHECKED_ON = (
    "slow sad piano",
    "x",
    ".",
    " a ",
    "60s garage rock, 120 bpm!",
    "A warm, intimate recording of a solo acoustic guitar with soft female vocals in the background.",
    "naïve café — “smörgåsbord” № 5 🎸🎶",
    "ruhige Klaviermusik für einen verregneten Abend",
    "静かなピアノ曲",
    "спокойная фортепианная музыка",
    "موسيقى هادئة",
    "<s> <pad> [MASK] </s> [UNK]",
    "loud " * 40,
    "a long description of a piece of music that goes on and on, " * 60,
)
"""Texts that every text side is checked on: short, long beyond what is read, nearly nothing, many scripts."""


class SentenceEncoder(Protocol):
    """A sentence model as it is loaded, so far as a graph of it asks."""

    card: EncoderCard
    weights_id: str
    folder: Path

    @property
    def most_tokens(self) -> int | None:
        """Tokens of a text that are read."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One sentence model of a text side: its graph and the files it needs.

    Parameters
    ----------
    about : its entry in ``text.json``.
    graph : content of its ``.onnx`` file.
    files : what lies beside it, name → where that comes from.
    """

    about: dict[str, Any]
    graph: bytes = b""
    files: dict[str, Path] = field(default_factory=dict)


def is_sentence_model(encoder: object) -> TypeGuard[MeanPooled | SentenceModel]:
    """Whether an encoder is a transformer whose token vectors are averaged: what a graph may be written of."""
    return isinstance(encoder, MeanPooled) or (isinstance(encoder, SentenceModel) and encoder.mean_pooled)


def sentence_source(encoder: SentenceEncoder, name: str, files: Sequence[Path]) -> Source:
    """A mean-pooled model; a tensor is taken out of the last file that has it."""
    lacking = [path.name for path in (*files, encoder.folder / "tokenizer.json") if not path.is_file()]
    if lacking:
        raise Unexportable(f"the text encoder '{name}', which has no {lacking[0]}")
    where = {tensor: (file, place) for file in files for tensor, place in places(file).items()}
    beside = {_own_name(name, file): file for file in files}
    graph = Graph()

    def weight(tensor: str) -> str:
        if tensor not in where:
            raise Unexportable(f"the text encoder '{name}', whose weights lack {tensor} in float32")
        file, place = where[tensor]
        return graph.weight(tensor, place, _own_name(name, file))

    config = json.loads((encoder.folder / "config.json").read_text(encoding="utf-8"))
    content = mean_pooled_graph(config, weight, _bias_table(where), graph)
    tokenizer = f"{encoder.card.name}-tokenizer.json"
    about = {
        "kind": "sentence",
        "name": encoder.card.name,
        "size": encoder.card.layout.size,
        "prompt": encoder.card.prompt,
        "languages": list(encoder.card.languages),
        "licence": encoder.card.licence,
        "longest": encoder.most_tokens,
        "weights_id": encoder.weights_id,
        "graph": f"{name}.onnx",
        "tokenizer": tokenizer,
    }
    return Source(about=about, graph=content, files={**beside, tokenizer: encoder.folder / "tokenizer.json"})


def _bias_table(where: dict[str, tuple[Path, StoredTensor]]) -> NDArray[np.float32] | None:
    """MPNet's attention biases, which the graph holds by distance."""
    name = "encoder.relative_attention_bias.weight"
    if name not in where:
        return None
    file, place = where[name]
    return mapped(file, {name: place})[name]


def _own_name(name: str, file: Path) -> str:
    """What a file of weights is called beside the graphs of a text side that travels."""
    return file.name if file.name != WEIGHTS else f"{name.removesuffix('-adapted')}.safetensors"


def place_source(source: Source, folder: Path, *, linked: bool) -> None:
    """Write a source's files; its weights as :func:`bring` brings them."""
    if source.graph:
        write_atomically(folder / source.about["graph"], lambda stream: _write(stream, source.graph))
    for name, origin in source.files.items():
        if origin.resolve() != (folder / name).resolve():
            bring(origin.resolve(), folder / name, linked=linked)


def bring(origin: str | Path, target: str | Path, *, linked: bool = True) -> None:
    """Have a file in a second place: one file under two names where that can be and is wanted, else a copy."""
    target = Path(target)
    target.unlink(missing_ok=True)
    if linked:
        with suppress(OSError):  # another disk, or one that knows no links
            os.link(origin, target)
            return
    shutil.copyfile(origin, target)


def _write(stream: BinaryIO, content: bytes) -> None:
    stream.write(content)

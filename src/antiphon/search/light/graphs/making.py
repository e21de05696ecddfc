"""From a checkpoint to its text side as graphs: written, then read back and compared with the checkpoint itself."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import AdaptedEncoder
from antiphon.embed.joined_text import JoinedTextEncoder
from antiphon.encoders._sentence.mean_pooled import MeanPooled
from antiphon.encoders._sentence.sentence_model import SentenceModel
from antiphon.encoders.use_multilingual import UseMultilingual
from antiphon.library.files import write_atomically, write_json
from antiphon.registry import TextEncoder
from antiphon.search.light.graphs.graph import Graph
from antiphon.search.light.graphs.head_graph import head_graph
from antiphon.search.light.graphs.tensors import Place, mapped, places
from antiphon.search.light.graphs.transformer_graph import mean_pooled_graph
from antiphon.search.light.graphs.unexportable import Unexportable
from antiphon.search.light.text_side import ABOUT, FORMAT, HEAD, TextSide

WEIGHTS = "model.safetensors"
Sentence = MeanPooled | SentenceModel
TOLERANCE = 1e-4
"""Largest difference between a number that graphs give and the checkpoint's own."""
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


def write_text_side(
    bundle: Bundle, encoder: TextEncoder, folder: Path, *, texts: Sequence[str] = (), linked: bool = True
) -> float:
    """Write a checkpoint's text side into a folder; the largest difference that was found when it was checked.

    Parameters
    ----------
    encoder : what :func:`antiphon.align.checkpoint.text_encoder.text_encoder_of` gives for ``bundle``.
    texts : that it is checked on beside ``CHECKED_ON``; blank ones are left out.
    linked : have the models' weights in the folder as second names of their files, which take no room, where that can
        be; else they are copied.

    Raises
    ------
    Unexportable : the checkpoint reads texts in a way that no graph is written for, or its graphs give other numbers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    graph = head_graph(bundle.space.text, bundle.hubness)
    sources = list(_sources(encoder, bundle, folder))
    for source in sources:
        _place(source, folder, linked=linked)
    write_atomically(folder / HEAD, lambda stream: _write(stream, graph))
    about = {
        "format": FORMAT,
        "checkpoint": bundle.name,
        "dim": bundle.dim,
        "score_dim": bundle.score_dim,
        "sources": [source.about for source in sources],
    }
    write_json(folder / ABOUT, about)
    asked = [*CHECKED_ON, *(text for text in texts if text.strip())]
    apart = difference(TextSide(folder), bundle, encoder, asked)
    if not apart <= TOLERANCE:
        raise Unexportable(f"a text side whose graphs differ from the checkpoint by {apart:.2g}")
    write_json(folder / ABOUT, {**about, "checked": {"texts": len(asked), "largest_difference": apart}})
    return apart


def difference(side: TextSide, bundle: Bundle, encoder: TextEncoder, texts: Sequence[str]) -> float:
    """The largest difference between a number that a text side gives for some texts and the checkpoint's own."""
    raw = encoder.encode(texts)
    both = [(side.embed(texts), bundle.embed_text(raw)), (side.score(texts), bundle.score_text(raw))]
    return max(float(np.abs(ours - theirs).max()) for ours, theirs in both)


def _sources(encoder: TextEncoder, bundle: Bundle, folder: Path) -> Iterator[Source]:
    if isinstance(encoder, JoinedTextEncoder):
        for source in encoder.sources:
            yield from _sources(source, bundle, folder)
    elif isinstance(encoder, AdaptedEncoder):
        yield from _sources(encoder.frozen, bundle, folder)
        yield _adapted(encoder, bundle, folder)
    elif isinstance(encoder, MeanPooled) or (isinstance(encoder, SentenceModel) and encoder.mean_pooled):
        yield _sentence(encoder, encoder.card.name, [encoder.folder / WEIGHTS])
    elif isinstance(encoder, UseMultilingual):
        yield Source(about={"kind": "registered", "name": encoder.card.name, "weights_id": encoder.weights_id})
    else:
        raise Unexportable(f"the text encoder '{encoder.card.name}', which reads texts in a way of its own")


def _sentence(encoder: Sentence, name: str, files: Sequence[Path]) -> Source:
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


def _bias_table(where: dict[str, tuple[Path, Place]]) -> NDArray[np.float32] | None:
    """MPNet's attention biases, which the graph holds by distance."""
    name = "encoder.relative_attention_bias.weight"
    if name not in where:
        return None
    file, place = where[name]
    return mapped(file, {name: place})[name]


def _adapted(encoder: AdaptedEncoder, bundle: Bundle, folder: Path) -> Source:
    """The fine-tuned model: what LoRA added is in the weights that it was added to, in a file of their own."""
    from safetensors.numpy import save_file

    if bundle.adapter is None or not isinstance(encoder.frozen, Sentence):
        raise Unexportable(f"the fine-tuned text encoder '{encoder.card.name}'")
    original = encoder.frozen.folder / WEIGHTS
    there, changed = places(original), {}
    for name, (a, b) in bundle.adapter.weights.items():
        tensor = f"{_counted_from(bundle.adapter.lower, name)}.weight"
        if tensor not in there:
            raise Unexportable(f"the fine-tuned text encoder '{encoder.card.name}', which has no {tensor}")
        before = mapped(original, {tensor: there[tensor]})[tensor]
        changed[tensor] = before + (bundle.adapter.scale * b @ a).detach().cpu().float().numpy()
    name = f"{encoder.card.name}-adapted"
    file = folder / f"{name}.safetensors"
    save_file(changed, file)
    return _sentence(encoder.frozen, name, [original, file])


def _counted_from(lower: int, name: str) -> str:
    """``encoder.layer.0.…`` of the upper layers, as the whole model counts its layers."""
    head, _, rest = name.partition("encoder.layer.")
    number, _, last = rest.partition(".")
    if head or not number.isdigit():
        raise Unexportable(f"a fine-tuned {name}")
    return f"encoder.layer.{int(number) + lower}.{last}"


def _own_name(name: str, file: Path) -> str:
    """What a file of weights is called beside the graphs of a text side that travels."""
    return file.name if file.name != WEIGHTS else f"{name.removesuffix('-adapted')}.safetensors"


def _place(source: Source, folder: Path, *, linked: bool) -> None:
    """Write a source's files."""
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

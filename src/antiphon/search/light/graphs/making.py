"""From a checkpoint to its text side as graphs: written, then read back and compared with the checkpoint itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import AdaptedEncoder
from antiphon.embed.joined_text import JoinedTextEncoder
from antiphon.encoders._sentence.mean_pooled import MeanPooled
from antiphon.encoders._sentence.sentence_model import SentenceModel
from antiphon.encoders.use_multilingual import UseMultilingual
from antiphon.library.files import write_atomically, write_json
from antiphon.registry import Float32, TextEncoder
from antiphon.search.light.audio_side import AUDIO, AudioSide
from antiphon.search.light.graphs.head_graph import head_graph
from antiphon.search.light.graphs.sources import (
    CHECKED_ON,
    TOLERANCE,
    WEIGHTS,
    Source,
    is_sentence_model,
    place_source,
    sentence_source,
)
from antiphon.search.light.graphs.tensors import mapped, places
from antiphon.search.light.graphs.unexportable import Unexportable
from antiphon.search.light.text_side import ABOUT, FORMAT, HEAD, TextSide

Sentence = MeanPooled | SentenceModel


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
        place_source(source, folder, linked=linked)
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


def write_audio_side(bundle: Bundle, folder: Path, some: Float32) -> float:
    """Write a checkpoint's audio side into the folder of its text side; the largest difference when it was checked.

    Parameters
    ----------
    some : (n, d_audio) raw vectors that it is checked on, at least one.

    Raises
    ------
    Unexportable : the head has no graph, or it gives other numbers.
    """
    graph = head_graph(bundle.space.audio, bundle.hubness, "audio")
    write_atomically(folder / AUDIO, lambda stream: _write(stream, graph))
    made = AudioSide(folder, bundle.encoder, TextSide(folder)).score_audio(some)
    apart = float(np.abs(made - bundle.score_audio(some)).max())
    if not apart <= TOLERANCE:
        raise Unexportable(f"an audio side whose graph differs from the checkpoint by {apart:.2g}")
    return apart


def difference(side: TextSide, bundle: Bundle, encoder: TextEncoder, texts: Sequence[str]) -> float:
    """The largest difference between a number that a text side gives for some texts and the checkpoint's own."""
    raw = encoder.encode(texts)
    read = side.encoder.encode(texts)
    both = [
        (side.project(read), bundle.embed_text(raw)),
        (side.project(read, output="scores"), bundle.score_text(raw)),
    ]
    return max(float(np.abs(ours - theirs).max()) for ours, theirs in both)


def _sources(encoder: TextEncoder, bundle: Bundle, folder: Path) -> Iterator[Source]:
    if isinstance(encoder, JoinedTextEncoder):
        for source in encoder.sources:
            yield from _sources(source, bundle, folder)
    elif isinstance(encoder, AdaptedEncoder):
        yield from _sources(encoder.frozen, bundle, folder)
        yield _adapted(encoder, bundle, folder)
    elif is_sentence_model(encoder):
        yield sentence_source(encoder, encoder.card.name, [encoder.folder / WEIGHTS])
    elif isinstance(encoder, UseMultilingual):
        yield Source(about={"kind": "registered", "name": encoder.card.name, "weights_id": encoder.weights_id})
    else:
        raise Unexportable(f"the text encoder '{encoder.card.name}', which reads texts in a way of its own")


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
    return sentence_source(encoder.frozen, name, [original, file])


def _counted_from(lower: int, name: str) -> str:
    """``encoder.layer.0.…`` of the upper layers, as the whole model counts its layers."""
    head, _, rest = name.partition("encoder.layer.")
    number, _, last = rest.partition(".")
    if head or not number.isdigit():
        raise Unexportable(f"a fine-tuned {name}")
    return f"encoder.layer.{int(number) + lower}.{last}"


def _write(stream: BinaryIO, content: bytes) -> None:
    stream.write(content)

"""A sentence model's graph in the cache, beside a second name of its weights: ``readers/NAME-WEIGHTS/``.

``texts-….npz``  vectors of texts that are the same every time
``reader.json``  whose it is: the encoder's card, the hash of its weights, and what every file was when it was checked
the others       the graph, the weights, the tokenizer, as :mod:`antiphon.search.light.graphs.sources` places them

A reader counts while its own files, and the weights that it was made from, are the very ones: nothing is hashed when
a search starts. It is checked when it is made, and moved into its place whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from antiphon._version import __version__
from antiphon.arrays import reading
from antiphon.encoders._shared.published import cache_folder
from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.files import write_atomically, write_json
from antiphon.registry import EncoderCard, Float32, TextEncoder
from antiphon.search.light.record import holds_all, stamps
from antiphon.search.light.sentence import LightSentence, SentenceFiles

FORMAT = 1
ABOUT, KEPT = "reader.json", "texts-"
Difference = Callable[[TextEncoder], float]
"""A reader → the largest difference between a number that it gives and the model's own."""


def folder_of(name: str, weights_id: str) -> Path:
    """Where the reader of some weights is kept."""
    return cache_folder() / "readers" / f"{name}-{weights_id[:16]}"


def prepared_reader(name: str, weights_id: str) -> LightSentence | None:
    """What was prepared for an encoder; None where nothing was, or not from what is on this machine now."""
    folder = folder_of(name, weights_id)
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        made = (about["format"], about["antiphon"], about["weights_id"])
        if made != (FORMAT, __version__, weights_id) or not holds_all(about["stamps"]):
            return None
        return _opened(folder, about)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def prepare_reader(encoder: TextEncoder, difference: Difference | None = None) -> LightSentence | None:
    """Write a reader of an encoder, unless it has no graph, or its numbers are others, or the cache is not writable.

    Parameters
    ----------
    difference : how it is checked; None compares with the encoder itself, which loads torch.
    """
    from antiphon.search.light.graphs.sources import CHECKED_ON, TOLERANCE, WEIGHTS, is_sentence_model
    from antiphon.search.light.graphs.unexportable import Unexportable

    if not is_sentence_model(encoder):
        return None
    check = difference or (lambda reader: float(abs(reader.encode(CHECKED_ON) - encoder.encode(CHECKED_ON)).max()))
    final = folder_of(encoder.card.name, encoder.weights_id)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=final.parent) as folder:
            about = _written(encoder, Path(folder))
            if not check(_opened(Path(folder), about)) <= TOLERANCE:
                return None
            _move(Path(folder), final)
        files = sorted(path for path in final.iterdir() if path.name != ABOUT)
        write_json(final / ABOUT, {**about, "stamps": stamps([encoder.folder / WEIGHTS, *files])})
    except (OSError, ValueError, Unexportable):
        return None
    return _opened(final, about)


def kept_vectors(encoder: TextEncoder, texts: Sequence[str]) -> Float32:
    """(n, d) float32: texts that are the same every time, such as a tagger's tags, read once and kept beside a reader.

    Parameters
    ----------
    encoder : any; what one that is no reader gives is not kept.
    """
    if not isinstance(encoder, LightSentence):
        return encoder.encode(texts)
    folder = folder_of(encoder.card.name, encoder.weights_id)
    path = folder / f"{KEPT}{hashlib.sha256(json.dumps([encoder.card.prompt, *texts]).encode()).hexdigest()[:16]}.npz"
    with suppress(EmbeddingError), reading(path), np.load(path, allow_pickle=False) as kept:
        found: Float32 = kept["vectors"]
        if found.shape == (len(texts), encoder.card.layout.size) and found.dtype == np.float32:
            return found
    found = encoder.encode(texts)
    with suppress(OSError):  # a disk that cannot be written only makes the next search read them again
        write_atomically(path, lambda stream: np.savez(stream, vectors=found))
    return found


def _written(encoder: Any, folder: Path) -> dict[str, Any]:
    """The files of a reader, and what its ``reader.json`` says but for stamps."""
    from antiphon.search.light.graphs.sources import WEIGHTS, place_source, sentence_source

    source = sentence_source(encoder, encoder.card.name, [encoder.folder / WEIGHTS])
    place_source(source, folder, linked=True)
    card = {**asdict(encoder.card), "layout": encoder.card.layout.to_dict()}
    return {
        "format": FORMAT,
        "antiphon": __version__,
        "weights_id": encoder.weights_id,
        "card": card,
        **{name: source.about[name] for name in ("graph", "tokenizer", "longest")},
    }


def _move(folder: Path, final: Path) -> None:
    """Put a whole reader in its place; who reads from an older one has its files open."""
    shutil.rmtree(final, ignore_errors=True)
    final.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.replace(final / path.name)


def _opened(folder: Path, about: dict[str, Any]) -> LightSentence:
    said: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in about["card"].items()
    }
    said["layout"] = Layout.from_dict(said["layout"])
    card = EncoderCard(**said)
    files = SentenceFiles(
        graph=folder / about["graph"], tokenizer=folder / about["tokenizer"], longest=int(about["longest"])
    )
    return LightSentence(card, about["weights_id"], files)

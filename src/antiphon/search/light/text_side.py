"""The text side of a checkpoint in a folder: words into the shared space, without torch and without the checkpoint.

``text.json``    what reads the words, what the head's graph is called, and how it was checked
``head.onnx``    raw vectors of the text encoder → ``embedded`` and ``scores``
``NAME.onnx``    the graph of each sentence model, whose weights are in ``NAME.safetensors``, as the model came
``NAME-tokenizer.json``  how it takes texts apart
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.sealed import TEXT, read_bundle_manifest, require_whole
from antiphon.embed.joined_text import JoinedTextEncoder
from antiphon.errors import CheckpointError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions, TextEncoder
from antiphon.search.light.sentence import LightSentence, SentenceFiles, open_session
from antiphon.search.queries.remembered import Remembered

RUNS_GRAPHS = "onnxruntime"
"""The package that runs graphs."""
FORMAT = 1
ABOUT, HEAD = "text.json", "head.onnx"
NUMBERS = {"checkpoint", "dim", "score_dim"}
"""What ``text.json`` says beside its format and sources."""


class TextSide:
    """Words into the shared space by graphs alone.

    Parameters
    ----------
    folder : that :func:`antiphon.search.light.graphs.making.write_text_side` wrote.

    Raises
    ------
    CheckpointError : there is none, it is damaged, or of another format version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.about = read_about(folder)
        self.name = str(self.about["checkpoint"])
        self.dim, self.score_dim = int(self.about["dim"]), int(self.about["score_dim"])
        self.read = Remembered(lambda texts: self.encoder.encode(texts))
        """Texts → (n, d) float32 as the text encoder reads them."""

    @cached_property
    def encoder(self) -> TextEncoder:
        """What reads words: the sentence model, or several side by side."""
        sources = [_source(self._folder, each) for each in self.about["sources"]]
        return sources[0] if len(sources) == 1 else JoinedTextEncoder(sources)

    @cached_property
    def _head(self) -> Any:
        return open_session(self._folder / HEAD)

    def embed(self, texts: Sequence[str]) -> Float32:
        """(n, dim) float32 of unit length: texts that are not blank, in the shared space."""
        return self.project(self.read(texts))

    def score(self, texts: Sequence[str]) -> Float32:
        """(n, score_dim) float32: what search ranks tracks by."""
        return self.project(self.read(texts), output="scores")

    def project(self, raw: Float32, *, output: str = "embedded") -> Float32:
        """(n, dim) float32 of unit length: what the text encoder made of texts, in the shared space."""
        found: Float32 = self._head.run([output], {"raw": raw})[0]
        return found


def sealed_text_side(manifest: Path) -> TextSide | None:
    """What reads texts for a sealed bundle, whole and as it was sealed; None where it has no graphs, or nothing here
    runs them.

    Raises
    ------
    CheckpointError : the bundle is damaged, or of a newer format.
    """
    about = read_bundle_manifest(manifest)
    if f"{TEXT}/{ABOUT}" not in about["files"] or importlib.util.find_spec(RUNS_GRAPHS) is None:
        return None
    require_whole(manifest, about, f"{TEXT}/")
    return TextSide(manifest.parent / TEXT)


def read_about(folder: Path) -> dict[str, Any]:
    """What ``text.json`` says.

    Raises
    ------
    CheckpointError : it is not there, damaged, or of another format version.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about["format"] == FORMAT and about["sources"] and about.keys() >= NUMBERS:
            return dict(about)
        problem = f"it has format {about['format']}, this Antiphon reads {FORMAT}"
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        problem = str(error)
    raise CheckpointError(f"The text side in {folder} cannot be read: {problem}", fix="Make it again: antiphon index")


def _source(folder: Path, about: Mapping[str, Any]) -> TextEncoder:
    if about["kind"] == "registered":
        return _registered(about)
    card = EncoderCard(
        name=about["name"],
        kind="text",
        summary=f"{about['name']}, by its graph",
        layout=Layout.flat(int(about["size"])),
        prompt=about["prompt"],
        languages=tuple(about["languages"]),
    )
    files = SentenceFiles(
        graph=folder / about["graph"],
        tokenizer=folder / about["tokenizer"],
        longest=int(about["longest"]),
    )
    return LightSentence(card, about["weights_id"], files)


def _registered(about: Mapping[str, Any]) -> TextEncoder:
    """An encoder that needs no torch, by its own code: its weights have to be those of the training.

    There is one such; asking the registry for it would import all others.
    """
    from antiphon.encoders import use_multilingual

    card = use_multilingual.CARDS[0]
    encoder = use_multilingual.load(card, LoadOptions()) if about["name"] == card.name else None
    if encoder is None or encoder.weights_id != about["weights_id"]:
        raise CheckpointError(
            f"The text encoder '{about['name']}' on this machine is not the one that the checkpoint was trained with.",
            fix=f"antiphon encoders --get {about['name']}",
        )
    return encoder

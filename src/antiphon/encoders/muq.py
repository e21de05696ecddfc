"""MuQ-MuLan: music and captions, English and Chinese, in one space; the widest knowledge in the smallest vector.

``muq-layers`` is the music model inside it, layer by layer (:mod:`antiphon.encoders._muq.layers`).

Conventions
- Sound at 24 kHz in windows of 10 s, one after the other. As in the ``muq`` package the last window is filled up from
  the start of the track (``tail="wrap"``), and a track shorter than 10 s is followed by its own start, once at most.
- One frame a window: the joint embedding, unit length. Statistic 0 of the pooled vector is the mean over windows, not
  brought to unit length again: exactly what the package returns for a whole track.
- Text: the joint embedding, unit length. The package averages over padding when texts of unequal length share a batch,
  so that a text's vector depends on its company; here each gets the vector that the package gives it alone.
- The official weights run on transformers' own layers and this project's; no code from the hub runs.

Zhu et al., "MuQ: Self-Supervised Music Representation Learning with Mel Residual Vector Quantization", 2025,
https://arxiv.org/abs/2501.01108
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from antiphon.encoders._muq.named_models import AUDIO_FILES, TEXT_FILES, named_model, named_model_here
from antiphon.encoders._muq.settings import MulanSettings, read_mulan, read_muq
from antiphon.encoders._shared.weights import cached, locate, weights_id
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions

if TYPE_CHECKING:
    import torch

    from antiphon.encoders._muq.layers import MuqLayers
    from antiphon.encoders._shared.torch_model import Place

_SHARED: dict[str, Any] = {
    "licence": "CC-BY-NC-4.0",
    "non_commercial": True,
    "paper": "https://arxiv.org/abs/2501.01108",
    "hub_id": "OpenMuQ/MuQ-MuLan-large",
}
ALONE_ID = "OpenMuQ/MuQ-large-msd-iter"
LAYERS = "muq-layers"
CARDS = (
    EncoderCard(
        name="muq",
        kind="audio",
        summary="MuQ-MuLan's audio side, 512-d joint space; strong, compact, quick",
        layout=Layout(1, 512, 3),
        rate=24_000,
        window_s=10.0,
        hop_s=10.0,
        tail="wrap",
        pooling="mean-rsigma-diff",
        parameters=368_000_000,
        **_SHARED,
    ),
    EncoderCard(
        name="muq-mulan",
        kind="text",
        summary="MuQ-MuLan's text side, 512-d, English and Chinese; with 'muq' it searches without training",
        layout=Layout(1, 512, 1),
        parameters=328_000_000,
        **_SHARED,
    ),
    EncoderCard(
        name="muq-layers",
        kind="audio",
        summary="MuQ-large: all 13 hidden states, for trainings that mix layers; half as wide as MERT",
        layout=Layout(13, 1024, 3),
        rate=24_000,
        window_s=10.0,
        hop_s=10.0,
        tail="align",
        pooling="mean-rsigma-diff",
        parameters=333_000_000,
        **{**_SHARED, "hub_id": ALONE_ID},
    ),
)
_FILES = ("config.json", "model.safetensors", "pytorch_model.bin")
_WINDOWS_ON_ACCELERATOR = 16
_TEXTS_AT_ONCE = 32


def load(card: EncoderCard, options: LoadOptions) -> MuqAudio | MulanText | MuqLayers:
    """Load one side of a MuQ-MuLan, or the layers of its music model, from a local folder or the hub's cache.

    Raises
    ------
    EncoderError : files are missing, damaged, or of a variant that is not supported.
    """
    from antiphon.encoders._shared.torch_model import find_state_file, place

    found = locate(card, options, patterns=_FILES)
    if card.name == LAYERS:
        from antiphon.encoders._muq.layers import load_layers

        return load_layers(card, found, options)
    settings, weights = read_mulan(found.folder), find_state_file(found.folder)
    named = named_model(found.folder, *_named(card, settings), fetch=options.fetch)
    side: MuqAudio | MulanText
    if card.kind == "text":
        side = MulanText(card, settings, named, weights, place=place(options))
    else:
        side = MuqAudio(card, settings, named, weights, place=place(options), compiled=options.compile)
    side.revision = found.revision
    return side


def weights_here(card: EncoderCard) -> bool:
    """Whether the weights, and the small files of the model that they name, are in the hub's local cache."""
    folder = None if card.hub_id is None else cached(card.hub_id, card.revision, _FILES)
    if folder is None or card.name == LAYERS:
        return folder is not None
    try:
        return named_model_here(folder, *_named(card, read_mulan(folder)))
    except EncoderError:  # damaged files: loading says which
        return False


def get(card: EncoderCard) -> Path:
    """Fetch the weights, and the small files of the model that they name, unless they are here.

    Raises
    ------
    EncoderError : they cannot be fetched.
    """
    folder = locate(card, LoadOptions(), patterns=_FILES).folder
    if card.name != LAYERS:
        named_model(folder, *_named(card, read_mulan(folder)), fetch=True)
    return folder


def _named(card: EncoderCard, settings: MulanSettings) -> tuple[str, tuple[str, ...]]:
    """The model that one side names, and the files of it that are needed."""
    return (settings.text_name, TEXT_FILES) if card.kind == "text" else (settings.audio_name, AUDIO_FILES)


class MuqAudio:
    """MuQ-MuLan's audio side as an :class:`~antiphon.registry.AudioEncoder`."""

    revision: str | None = None

    def __init__(
        self,
        card: EncoderCard,
        settings: MulanSettings,
        named: Path,
        weights: Path,
        *,
        place: Place,
        compiled: bool = False,
    ) -> None:
        import torch

        from antiphon.encoders._muq.model import AudioTower, LogMel, stop_at
        from antiphon.encoders._muq.tensors import AUDIO_PARTS, TEXT_PARTS, fill, select

        muq = read_muq(named)
        layer = settings.layer + (muq.depth + 1 if settings.layer < 0 else 0)
        if not 0 <= layer <= muq.depth:
            raise EncoderError(
                f"{weights.parent / 'config.json'}: use_layer_idx is {settings.layer}, "
                f"but the model has {muq.depth} layers.",
                fix="Download config.json again.",
            )
        with torch.device("meta"):
            side = AudioTower(muq, settings.audio)
        fill(side, select(weights, AUDIO_PARTS, TEXT_PARTS), weights)
        stop_at(side.conformer, layer)
        self.weights_id = weights_id(weights)
        self.card = replace(card, layout=Layout(1, settings.audio.latent, 3))
        self._place = place
        self._mel = LogMel(muq.mean, muq.std).to(place.device)
        self._side = side.to(place.device)
        if compiled:
            self._side.compile(dynamic=False)

    def frames(self, windows: Float32) -> Float32:
        """The joint embedding of each window.

        Parameters
        ----------
        windows : (b, samples) float32, mono at 24 kHz; below 1,025 samples silence is appended.

        Returns
        -------
        (b, 1, 512) float32, unit length (512 is the size of the model's joint space).
        """
        return self._place.in_parts(self._joint, windows, _WINDOWS_ON_ACCELERATOR)[:, None, :]

    def _joint(self, windows: Float32) -> Float32:
        import torch

        from antiphon.encoders._muq.model import heard

        with torch.inference_mode():
            joint: Float32 = heard(self._side, self._mel, windows, self._place).cpu().numpy()
        return joint


class MulanText:
    """MuQ-MuLan's text side as a :class:`~antiphon.registry.TextEncoder`."""

    revision: str | None = None

    def __init__(self, card: EncoderCard, settings: MulanSettings, named: Path, weights: Path, *, place: Place) -> None:
        from antiphon.encoders._muq.tensors import AUDIO_PARTS, TEXT_PARTS, select

        side = _text_side(settings, named, select(weights, TEXT_PARTS, AUDIO_PARTS), weights)
        config = side.model.config
        self._tokenizer = _tokenizer(named / "tokenizer.json", config.max_position_embeddings - config.pad_token_id - 1)
        self.weights_id = weights_id(weights)
        self.card = replace(card, layout=Layout(1, settings.text.latent, 1))
        self._place = place
        self._side = side.to(place.device)

    def encode(self, texts: Sequence[str]) -> Float32:
        """The joint embedding of each text, (n, 512) float32, unit length; text beyond 512 tokens is not read."""
        vectors = np.empty((len(texts), self.card.layout.dims), np.float32)
        tokens = self.tokens([self.card.prompt + text for text in texts])
        by_length: dict[int, list[int]] = {}
        for row, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(row)
        for rows in by_length.values():
            for start in range(0, len(rows), _TEXTS_AT_ONCE):
                some = rows[start : start + _TEXTS_AT_ONCE]
                vectors[some] = self._joint([tokens[row] for row in some])
        return vectors

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, begin and end marks included; at most 512."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def _joint(self, tokens: list[list[int]]) -> Float32:
        import torch

        ids = torch.tensor(tokens, dtype=torch.int64, device=self._place.device)
        with torch.inference_mode(), self._place.arithmetic():
            joint: Float32 = self._side(ids).cpu().numpy()
        return joint


def _text_side(settings: MulanSettings, files: Path, state: dict[str, torch.Tensor], weights: Path) -> Any:
    """The text side with its weights."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    from antiphon.encoders._muq.model import TextTower
    from antiphon.encoders._muq.tensors import fill

    try:
        config = XLMRobertaConfig.from_pretrained(files, local_files_only=True)  # nosec B615 # a folder
    except (OSError, ValueError) as error:
        raise EncoderError(f"{files / 'config.json'} cannot be read: {error}", fix="Download it again.") from error
    config._attn_implementation = "sdpa"
    with torch.device("meta"):
        side = TextTower(XLMRobertaModel(config, add_pooling_layer=False), settings.text)
    fill(side, state, weights)
    embeddings = side.model.embeddings  # two buffers that are computed, not loaded
    embeddings.position_ids = torch.arange(config.max_position_embeddings)[None]
    embeddings.token_type_ids = torch.zeros_like(embeddings.position_ids)
    return side


def _tokenizer(path: Path, longest: int) -> Any:
    """The tokenizer just as its file has it, for which transformers 5 would put its own rules of splitting."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more particular
        raise EncoderError(f"{path} cannot be read: {error}", fix="Download it again.") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return tokenizer

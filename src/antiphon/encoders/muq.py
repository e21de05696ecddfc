"""MuQ-MuLan: music and captions, English and Chinese, in one space; the widest knowledge in the smallest vector.

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

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from antiphon.encoders._muq.settings import (
    AUDIO_FILES,
    TEXT_FILES,
    MulanSettings,
    companion,
    read_mulan,
    read_muq,
)
from antiphon.encoders._shared.weights import locate, weights_id
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions

if TYPE_CHECKING:
    import torch

_SHARED: dict[str, Any] = {
    "licence": "CC-BY-NC-4.0",
    "non_commercial": True,
    "paper": "https://arxiv.org/abs/2501.01108",
    "hub_id": "OpenMuQ/MuQ-MuLan-large",
}
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
)
_FILES = ("config.json", "model.safetensors", "pytorch_model.bin")
_AUDIO_PARTS = {
    "mulan.audio.model.model.conv.": "stem.",
    "mulan.audio.model.model.conformer.": "conformer.",
    "mulan.audio.proj.": "tail.proj.",
    "mulan.audio.transformer.": "tail.transformer.",
    "mulan.audio_to_latents.": "tail.head.",
}
_TEXT_PARTS = {
    "mulan.text.model.": "model.",
    "mulan.text.proj.": "tail.proj.",
    "mulan.text.transformer.": "tail.transformer.",
    "mulan.text_to_latents.": "tail.head.",
}
_TRAINING_ONLY = (
    "mulan.audio.model.model.rvq.",
    "mulan.audio.model.model.quantizer_",
    "mulan.audio.model.model.linear.",
    "mulan.audio.model.model.recon_proj.",
    "mulan.audio.model.model.cls_token",
    "mulan.audio.model.model.conformer.pos_conv_embed.",
    "mulan.audio.model.model.conformer.embed_positions.",
    "mulan.audio.aggregator.",
    "mulan.text.model.pooler.",
    "mulan.text.model.embeddings.position_ids",
    "mulan.contrast.",
    "mulan.multi_layer_contrastive_learning.",
    "mulan.audio_layers_indices",
    "mulan.text_layers_indices",
)
"""What the weights file holds beyond the two sides, and what is computed rather than loaded."""
_WINDOWS_ON_ACCELERATOR = 16
_TEXTS_AT_ONCE = 32


def load(card: EncoderCard, options: LoadOptions) -> MuqAudio | MulanText:
    """Load one side of a MuQ-MuLan from a local folder or the hub's cache.

    Raises
    ------
    EncoderError : files are missing, damaged, or of a variant that is not supported.
    """
    from antiphon.encoders._shared.torch_model import find_state_file, place

    found = locate(card, options, patterns=_FILES)
    folder = found.folder
    settings, weights = read_mulan(folder), find_state_file(folder)
    side: MuqAudio | MulanText
    if card.kind == "text":
        side = MulanText(card, settings, folder, weights, place=place(options))
    else:
        side = MuqAudio(card, settings, folder, weights, place=place(options), compiled=options.compile)
    side.revision = found.revision
    return side


def _select(weights: Path, parts: Mapping[str, str], others: Mapping[str, str]) -> dict[str, torch.Tensor]:
    """One side's tensors under this project's names; refuses a file with parts that nobody knows."""
    from antiphon.encoders._shared.torch_model import read_state

    chosen, unknown = {}, []
    for key, value in read_state(weights).items():
        if key.startswith(_TRAINING_ONLY):
            continue
        prefix = next((prefix for prefix in parts if key.startswith(prefix)), None)
        if prefix is not None:
            chosen[parts[prefix] + key[len(prefix) :]] = value.float() if value.is_floating_point() else value
        elif not key.startswith(tuple(others)):
            unknown.append(key)
    if unknown:
        raise EncoderError(
            f"{weights} holds {len(unknown)} weights that are no part of a MuQ-MuLan, such as {sorted(unknown)[0]}.",
            fix="Use the weights of OpenMuQ/MuQ-MuLan-large.",
        )
    return chosen


def _fill(side: torch.nn.Module, state: Mapping[str, torch.Tensor], weights: Path) -> None:
    """Give a side exactly these weights."""
    try:
        side.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise EncoderError(
            f"{weights} does not fit the config.json files: {error}",
            fix="Download config.json and the weights of one model together.",
        ) from error
    side.eval().requires_grad_(False)


class MuqAudio:
    """MuQ-MuLan's audio side as an :class:`~antiphon.registry.AudioEncoder`."""

    revision: str | None = None

    def __init__(
        self,
        card: EncoderCard,
        settings: MulanSettings,
        folder: Path,
        weights: Path,
        *,
        place: Any,
        compiled: bool = False,
    ) -> None:
        import torch

        from antiphon.encoders._muq.model import AudioSide, LogMel, stop_at

        muq = read_muq(companion(folder, settings.audio_name, AUDIO_FILES))
        layer = settings.layer + (muq.depth + 1 if settings.layer < 0 else 0)
        if not 0 <= layer <= muq.depth:
            raise EncoderError(
                f"{folder / 'config.json'}: use_layer_idx is {settings.layer}, but the model has {muq.depth} layers.",
                fix="Download config.json again.",
            )
        with torch.device("meta"):
            side = AudioSide(muq, settings.audio)
        _fill(side, _select(weights, _AUDIO_PARTS, _TEXT_PARTS), weights)
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
        parts = [self._joint(windows[rows]) for rows in self._place.batches(len(windows), _WINDOWS_ON_ACCELERATOR)]
        return np.concatenate(parts)[:, None, :]

    def _joint(self, windows: Float32) -> Float32:
        import torch

        from antiphon.encoders._muq.model import SHORTEST

        sound = self._place.tensor(windows)
        sound = torch.nn.functional.pad(sound, (0, max(0, SHORTEST - sound.shape[1])))
        with torch.inference_mode():
            mel = self._mel(sound)  # in float32 always: the logarithm would show any rounding in quiet bands
            with self._place.arithmetic():
                joint: Float32 = self._side(mel).cpu().numpy()
        return joint


class MulanText:
    """MuQ-MuLan's text side as a :class:`~antiphon.registry.TextEncoder`."""

    revision: str | None = None

    def __init__(self, card: EncoderCard, settings: MulanSettings, folder: Path, weights: Path, *, place: Any) -> None:
        files = companion(folder, settings.text_name, TEXT_FILES)
        side = _text_side(settings, files, _select(weights, _TEXT_PARTS, _AUDIO_PARTS), weights)
        config = side.model.config
        self._tokenizer = _tokenizer(files / "tokenizer.json", config.max_position_embeddings - config.pad_token_id - 1)
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

    from antiphon.encoders._muq.model import TextSide

    try:
        config = XLMRobertaConfig.from_pretrained(files, local_files_only=True)
    except (OSError, ValueError) as error:
        raise EncoderError(f"{files / 'config.json'} cannot be read: {error}", fix="Download it again.") from error
    config._attn_implementation = "sdpa"
    with torch.device("meta"):
        side = TextSide(XLMRobertaModel(config, add_pooling_layer=False), settings.text)
    _fill(side, state, weights)
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

"""CLAP: audio and text already in one space; the peer that everybody knows, for music and for captions.

Conventions
- Audio: windows of 10 s at 48 kHz, one after the other, the log-mel spectrogram of transformers'
  ``ClapFeatureExtractor`` without its random parts: no random crop (a window is never longer than the model's 10 s),
  and a fused model never takes its "longer" path. A shorter window is repeated or padded as the model's file says.
- One frame a window: the joint embedding, of unit length, as ``ClapModel.get_audio_features`` gives it. After the
  common pooling, statistic 0 of the vector is the mean of the windows: what plain CLAP retrieval compares with a text.
- Text: the joint embedding of the caption, of unit length.

Wu et al., "Large-scale Contrastive Language-Audio Pretraining with Feature Fusion and Keyword-to-Caption
Augmentation", ICASSP 2023, https://arxiv.org/abs/2211.06687
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from antiphon.encoders._shared.weights import locate, weights_id
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions

if TYPE_CHECKING:
    import torch
    from transformers import ClapFeatureExtractor, ClapModel

    from antiphon.encoders._shared.torch_model import Place

_SHARED: dict[str, Any] = {
    "licence": "Apache-2.0",
    "paper": "https://arxiv.org/abs/2211.06687",
    "parameters": 194_000_000,
    "hub_id": "laion/larger_clap_general",
}
CARDS = (
    EncoderCard(
        name="clap",
        kind="audio",
        summary="LAION-CLAP's audio side, 512-d joint space; the peer to compare with",
        layout=Layout(1, 512, 3),
        rate=48_000,
        window_s=10.0,
        hop_s=10.0,
        tail="align",
        pooling="mean-rsigma-diff",
        **_SHARED,
    ),
    EncoderCard(
        name="clap-text",
        kind="text",
        summary="LAION-CLAP's text side, 512-d; with 'clap' it searches without training",
        layout=Layout(1, 512, 1),
        **_SHARED,
    ),
)
_FILES = ("*.json", "*.txt", "model.safetensors", "pytorch_model.bin")
_WINDOWS_ON_ACCELERATOR = 32
_TEXTS_AT_ONCE = 32
_PROBES = ("a dog barks", "slow sad piano", "loud electric guitar solo", "rain falling on a tin roof at night")
_COLLAPSED = 0.99
"""Mean cosine between unlike captions from which on a text side counts as broken (healthy models: below 0.5)."""


def load(card: EncoderCard, options: LoadOptions) -> ClapAudio | ClapText:
    """Load one side of a CLAP model from a local folder or the hub's cache.

    Raises
    ------
    EncoderError : the weights are missing, incomplete or unfit, or the text side tells no captions apart.
    """
    from antiphon.encoders._shared.torch_model import find_state_file, place

    found = locate(card, options, patterns=_FILES)
    folder = found.folder
    identity = weights_id(find_state_file(folder))
    model, where = _build(folder), place(options)
    side: ClapAudio | ClapText
    if card.kind == "text":
        side = ClapText(card, model, folder, identity, where)
        _refuse_collapsed(side, folder)
    else:
        side = ClapAudio(card, model, folder, identity, where, compiled=options.compile)
    side.revision = found.revision
    return side


def _build(folder: Path) -> ClapModel:
    from transformers import ClapModel

    try:
        model, info = ClapModel.from_pretrained(folder, local_files_only=True, output_loading_info=True)  # nosec B615
    except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
        raise EncoderError(
            f"{folder} does not hold a CLAP model in transformers' format: {error}",
            fix="Use a transformers checkpoint, such as laion/larger_clap_general or laion/clap-htsat-unfused.",
        ) from error
    missing = sorted(info["missing_keys"])
    if missing:
        raise EncoderError(
            f"The weights in {folder} lack {len(missing)} parts of a CLAP model, such as {missing[0]}.",
            fix="Use a transformers checkpoint, such as laion/larger_clap_general or laion/clap-htsat-unfused.",
        )
    prepared: ClapModel = model.float().eval().requires_grad_(False)
    return prepared


class ClapAudio:
    """CLAP's audio side as an :class:`~antiphon.registry.AudioEncoder`."""

    revision: str | None = None

    def __init__(
        self,
        card: EncoderCard,
        model: ClapModel,
        folder: Path,
        weights_id: str,
        place: Place,
        *,
        compiled: bool = False,
    ) -> None:
        self.weights_id = weights_id
        self.card = replace(card, layout=Layout(1, model.config.projection_dim, 3))
        self._place = place
        self._spectrogram = Spectrogram(_extractor(folder, card), fused=model.config.audio_config.enable_fusion)
        self._tower = model.audio_model.to(place.device)
        self._projection = model.audio_projection.to(place.device)
        if compiled:
            self._tower.compile(dynamic=False)

    def frames(self, windows: Float32) -> Float32:
        """The joint embedding of each window.

        Parameters
        ----------
        windows : (b, samples) float32, mono at 48 kHz, at most 10 s.

        Returns
        -------
        (b, 1, 512) float32, unit length (512 is the size of the model's joint space).

        Raises
        ------
        EncoderError : the windows are longer than the model can hear.
        """
        return self._place.in_parts(self._joint, windows, _WINDOWS_ON_ACCELERATOR)[:, None, :]

    def _joint(self, windows: Float32) -> Float32:
        import torch

        mel = self._spectrogram(windows, self._place.device)
        never = torch.zeros(len(mel), 1, dtype=torch.bool, device=mel.device)
        with torch.inference_mode(), self._place.arithmetic():
            pooled = self._tower(input_features=mel, is_longer=never).pooler_output
            joint = self._projection(pooled).float()
        return _unit(joint)


class Spectrogram:
    """``ClapFeatureExtractor`` on whole batches and without chance; equal to it to float32 rounding.

    Parameters
    ----------
    extractor : gives the sizes, the mel filters and the padding.
    fused : whether the model wants four channels (here four times the whole window) and the filters that go with it.
    """

    def __init__(self, extractor: ClapFeatureExtractor, *, fused: bool) -> None:
        self._longest = int(extractor.nb_max_samples)
        self._padding = str(extractor.padding)
        self._size, self._hop = int(extractor.fft_window_size), int(extractor.hop_length)
        self._filters = np.asarray(extractor.mel_filters if fused else extractor.mel_filters_slaney, dtype=np.float64)
        self._channels = 4 if fused else 1

    def __call__(self, windows: Float32, device: torch.device) -> torch.Tensor:
        """(b, samples) → (b, channels, frames, bins) float32, in decibels with a floor of −100.

        Raises
        ------
        EncoderError : the windows are longer than the model can hear.
        """
        import torch

        # In float64 like the original: the logarithm would show float32's rounding in quiet bands.
        sound = torch.from_numpy(self.fill(windows).astype(np.float64)).to(device)
        shape = torch.hann_window(self._size, periodic=True, dtype=torch.float64, device=device)
        spectrum = torch.stft(sound, self._size, self._hop, window=shape, pad_mode="reflect", return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        mel = power.transpose(1, 2) @ torch.from_numpy(self._filters).to(device)
        decibels = (10.0 * torch.log10(mel.clamp(min=1e-10))).float()
        return decibels[:, None].expand(-1, self._channels, -1, -1)

    def fill(self, windows: Float32) -> Float32:
        """Windows brought to the model's length: repeated, or followed by silence, as its file says.

        Raises
        ------
        EncoderError : they are longer.
        """
        samples = windows.shape[1]
        if samples > self._longest:
            raise EncoderError(
                f"CLAP hears at most {self._longest} samples at once, not {samples}.", fix="Use windows of 10 s."
            )
        repeats = {"repeat": self._longest // samples + 1, "repeatpad": self._longest // samples}
        repeated = np.tile(windows, (1, repeats.get(self._padding, 1)))[:, : self._longest]
        return np.pad(repeated, ((0, 0), (0, self._longest - repeated.shape[1])))


def _extractor(folder: Path, card: EncoderCard) -> ClapFeatureExtractor:
    from transformers import ClapFeatureExtractor

    try:
        extractor = ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)  # nosec B615 # a folder
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{folder / 'preprocessor_config.json'} cannot be read: {error}",
            fix="Download the model's whole folder, not only its weights.",
        ) from error
    wanted = (card.rate, card.window_s)
    if (extractor.sampling_rate, extractor.max_length_s) != wanted:
        raise EncoderError(
            f"{folder} hears {extractor.max_length_s} s at {extractor.sampling_rate} Hz; "
            f"'{card.name}' gives {card.window_s:g} s at {card.rate} Hz.",
            fix="Use weights made for that, such as laion/larger_clap_general.",
        )
    return extractor


class ClapText:
    """CLAP's text side as a :class:`~antiphon.registry.TextEncoder`."""

    revision: str | None = None

    def __init__(self, card: EncoderCard, model: ClapModel, folder: Path, weights_id: str, place: Place) -> None:
        from transformers import AutoTokenizer

        self.weights_id = weights_id
        self.card = replace(card, layout=Layout(1, model.config.projection_dim, 1))
        self._place = place
        self._turn = threading.Lock()  # the tokenizer is told anew for each text where to cut, and has one such setting
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)  # nosec B615 # a folder
        except (OSError, ValueError) as error:
            raise EncoderError(
                f"{folder} holds no tokenizer: {error}", fix="Download the model's whole folder, not only its weights."
            ) from error
        text = model.config.text_config
        self._longest = int(text.max_position_embeddings - text.pad_token_id - 1)
        self._tower = model.text_model.to(place.device)
        self._projection = model.text_projection.to(place.device)

    def encode(self, texts: Sequence[str]) -> Float32:
        """The joint embedding of each text, (n, 512) float32, unit length; text beyond 512 tokens is not read."""
        vectors = np.empty((len(texts), self.card.layout.dims), np.float32)
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # alike lengths together: little padding
        for start in range(0, len(order), _TEXTS_AT_ONCE):
            rows = order[start : start + _TEXTS_AT_ONCE]
            vectors[rows] = self._joint([self.card.prompt + texts[row] for row in rows])
        return vectors

    def _joint(self, texts: list[str]) -> Float32:
        import torch

        with self._turn:
            tokens = self._tokenizer(
                texts, padding=True, truncation=True, max_length=self._longest, return_tensors="pt"
            ).to(self._place.device)
        with torch.inference_mode(), self._place.arithmetic():
            read = self._tower(input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"])
            joint = self._projection(read.pooler_output).float()
        return _unit(joint)


def _unit(vectors: torch.Tensor) -> Float32:
    import torch

    scaled: Float32 = torch.nn.functional.normalize(vectors, dim=-1).cpu().numpy()
    return scaled


def _refuse_collapsed(encoder: ClapText, folder: Path) -> None:
    """Some published CLAP weights give every text nearly the same vector; results with them mean nothing."""
    probes = encoder.encode(_PROBES)
    similarity = (probes @ probes.T)[np.triu_indices(len(_PROBES), 1)].mean()
    if similarity > _COLLAPSED:
        raise EncoderError(
            f"The text side in {folder} gives unlike captions nearly the same vector (mean cosine {similarity:.4f}).",
            fix="Use other weights, such as laion/larger_clap_general; laion/larger_clap_music is known to be broken.",
        )

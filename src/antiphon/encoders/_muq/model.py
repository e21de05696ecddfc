"""The networks of MuQ-MuLan's two sides; parameter names are those of the official weights file.

Audio: log-mel spectrogram, two convolution blocks (100 → 25 steps a second), conformer layers, projection, transformer,
mean over time, head. Text: XLM-RoBERTa, projection, transformer, mean over tokens, head. Both heads end in the joint
space, unit length.

The transformers have no positions of their own, normalise queries and keys to unit length with a learned scale per
channel (Dehghani et al., https://arxiv.org/abs/2302.05442), and use gated GELU layers (Shazeer,
https://arxiv.org/abs/2002.05202).
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from antiphon.encoders._muq.settings import Joint, Muq
from antiphon.encoders._shared.torch_model import Place
from antiphon.registry import Float32

RATE, FFT, HOP, BANDS = 24_000, 2048, 240, 128
SHORTEST = FFT // 2 + 1
"""Samples below which the spectrogram's mirrored edges do not exist."""
_ATTENTION_SCALE = 8.0


class LogMel(nn.Module):
    """Power spectrogram in 128 HTK mel bands, in decibels with a floor of −100, standardised by fixed statistics.

    Equal to torchaudio's ``MelSpectrogram`` and ``AmplitudeToDB`` with their defaults (periodic Hann window, mirrored
    edges, triangles of height 1), the last frame dropped.
    """

    window: torch.Tensor
    filters: torch.Tensor

    def __init__(self, mean: float, std: float) -> None:
        super().__init__()
        self.mean, self.std = mean, std
        self.register_buffer("window", torch.hann_window(FFT), persistent=False)
        self.register_buffer("filters", mel_filters(), persistent=False)

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """(b, samples) float32, at least ``SHORTEST`` → (b, 128, samples // 240)."""
        spectrum = torch.stft(sound, FFT, HOP, window=self.window, pad_mode="reflect", return_complex=True)
        power = spectrum[..., :-1].abs().square()
        mel = (power.transpose(1, 2) @ self.filters).transpose(1, 2)
        return (10.0 * torch.log10(mel.clamp(min=1e-10)) - self.mean) / self.std


def mel_filters() -> torch.Tensor:
    """Triangular filters evenly spaced on the HTK mel scale from 0 Hz to half the rate: (1025, 128) float32."""
    top = 2595.0 * math.log10(1.0 + RATE / 2 / 700.0)
    edges = 700.0 * (10.0 ** (torch.linspace(0.0, top, BANDS + 2, dtype=torch.float64) / 2595.0) - 1.0)
    bins = torch.linspace(0.0, RATE / 2, FFT // 2 + 1, dtype=torch.float64)[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return torch.minimum(rising, falling).clamp(min=0.0).float()


def heard(model: nn.Module, mel: LogMel, windows: Float32, place: Place) -> torch.Tensor:
    """What a model makes of the spectrogram of (b, samples) windows; silence is appended to short ones."""
    sound = place.tensor(windows)
    spectrogram = mel(functional.pad(sound, (0, max(0, SHORTEST - sound.shape[1]))))
    with place.arithmetic():  # the spectrogram is float32 always: its logarithm would show any rounding in quiet bands
        made: torch.Tensor = model(spectrogram)
    return made


class _Block(nn.Module):
    """Two 3 × 3 convolutions beside one that makes the same step."""

    def __init__(self, channels_in: int, channels: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, padding=1)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels_in, channels, 3, stride, padding=1)
        self.bn3 = nn.BatchNorm2d(channels)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        inner = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(mel)))))
        return functional.relu(inner + self.bn3(self.conv3(mel)))


class Stem(nn.Module):
    """Spectrogram → one vector every 40 ms (or 20 ms)."""

    def __init__(self, muq: Muq) -> None:
        super().__init__()
        first, second = muq.time_strides
        self.conv = nn.Sequential(_Block(1, muq.conv_dim, (2, first)), _Block(muq.conv_dim, muq.conv_dim, (2, second)))
        self.linear = nn.Linear(muq.conv_dim * BANDS // 4, muq.dim)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """(b, 128, frames) → (b, steps, dim)."""
        steps: torch.Tensor = self.linear(self.conv(mel[:, None]).permute(0, 3, 1, 2).flatten(2))
        return steps


def conformer(muq: Muq) -> Any:
    """transformers' Wav2Vec2-Conformer layers, weights still to come; its unused position convolution left out."""
    from transformers import Wav2Vec2ConformerConfig
    from transformers.models.wav2vec2_conformer.modeling_wav2vec2_conformer import Wav2Vec2ConformerEncoder

    foreign = ("model_type", "architectures", "auto_map", "torch_dtype", "dtype", "transformers_version")
    settings = {key: value for key, value in muq.conformer.items() if key not in foreign}
    config = Wav2Vec2ConformerConfig.from_dict(
        {**settings, "num_hidden_layers": muq.depth, "hidden_size": muq.dim, "layerdrop": 0.0}
    )
    config._attn_implementation = "eager"
    encoder = Wav2Vec2ConformerEncoder(config)
    encoder.pos_conv_embed = nn.Identity()
    if encoder.embed_positions is not None:
        with torch.device("cpu"):  # computed, not loaded: must exist even where the rest awaits its weights
            positions = type(encoder.embed_positions)(config)
        for name, buffer in list(positions.named_buffers()):
            positions.register_buffer(name, buffer, persistent=False)
        encoder.embed_positions = positions
    return encoder


def stop_at(encoder: Any, layer: int) -> None:
    """Let conformer layers end in hidden state ``layer`` (0: before the first; their number: after the final norm)."""
    if layer < len(encoder.layers):
        encoder.layers = encoder.layers[:layer]
        encoder.layer_norm = nn.Identity()


class _Norm(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.learned_gamma = nn.Parameter(torch.ones(dim))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(states, states.shape[-1:], self.learned_gamma)


class _Attention(nn.Module):
    def __init__(self, joint: Joint) -> None:
        super().__init__()
        inner = joint.heads * joint.dim_head
        self.heads = joint.heads
        self.norm = _Norm(joint.dim)
        self.to_q = nn.Linear(joint.dim, inner, bias=False)
        self.to_kv = nn.Linear(joint.dim, 2 * inner, bias=False)
        self.q_scale = nn.Parameter(torch.ones(joint.dim_head))
        self.k_scale = nn.Parameter(torch.ones(joint.dim_head))
        self.to_out = nn.Sequential(nn.Linear(inner, joint.dim, bias=False))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        states = self.norm(states)
        query, (key, value) = self.to_q(states), self.to_kv(states).chunk(2, dim=-1)
        query, key, value = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (query, key, value))
        query = (functional.normalize(query.float(), dim=-1) * self.q_scale).to(value.dtype)
        key = (functional.normalize(key.float(), dim=-1) * self.k_scale).to(value.dtype)
        mixed = functional.scaled_dot_product_attention(query, key, value, scale=_ATTENTION_SCALE)
        attended: torch.Tensor = self.to_out(mixed.transpose(1, 2).flatten(2))
        return attended


class _GatedGelu(nn.Module):
    def forward(self, states: torch.Tensor) -> torch.Tensor:
        value, gate = states.chunk(2, dim=-1)
        return functional.gelu(gate) * value


def _feed_forward(joint: Joint) -> nn.Sequential:
    inner = int(joint.dim * joint.ff_mult * 2 / 3)
    up, down = nn.Linear(joint.dim, 2 * inner, bias=False), nn.Linear(inner, joint.dim, bias=False)
    return nn.Sequential(_Norm(joint.dim), up, _GatedGelu(), nn.Identity(), down)


class Transformer(nn.Module):
    """Layers of attention and a gated feed-forward part, each added to what went in."""

    def __init__(self, joint: Joint) -> None:
        super().__init__()
        self.layers: Any = nn.ModuleList(
            nn.ModuleList([_Attention(joint), _feed_forward(joint)]) for _ in range(joint.depth)
        )

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(b, n, dim) → (b, n, dim)."""
        for attention, feed_forward in self.layers:
            states = states + attention(states)
            states = states + feed_forward(states)
        return states


class Tail(nn.Module):
    """What both sides have after their model: projection, transformer, mean, head."""

    def __init__(self, joint: Joint, *, project: bool) -> None:
        super().__init__()
        self.proj = nn.Linear(joint.model_dim, joint.dim) if project else nn.Identity()
        self.transformer = Transformer(joint)
        self.head = nn.Linear(joint.dim, joint.latent)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(b, n, model_dim) → (b, latent) float32, unit length."""
        mean = self.transformer(self.proj(states)).float().mean(dim=1)
        with torch.autocast(mean.device.type, enabled=False):
            return functional.normalize(self.head(mean), dim=-1)


class MusicModel(nn.Module):
    """Standardised spectrograms → states of the last conformer layer."""

    def __init__(self, muq: Muq) -> None:
        super().__init__()
        self.stem = Stem(muq)
        self.conformer = conformer(muq)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """(b, 128, frames) → (b, steps, dim), after the final norm."""
        states: torch.Tensor = self.conformer(self.stem(mel).float()).last_hidden_state
        return states


class AudioTower(nn.Module):
    """Standardised spectrograms → joint space."""

    def __init__(self, muq: Muq, joint: Joint) -> None:
        super().__init__()
        self.stem = Stem(muq)
        self.conformer = conformer(muq)
        self.tail = Tail(joint, project=True)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """(b, 128, frames) → (b, latent) float32, unit length."""
        steps = self.stem(mel).float()
        joint: torch.Tensor = self.tail(self.conformer(steps).last_hidden_state)
        return joint


class TextTower(nn.Module):
    """Tokens of texts of one length → joint space. ``model`` : transformers' XLM-RoBERTa without its pooler."""

    def __init__(self, model: Any, joint: Joint) -> None:
        super().__init__()
        self.model = model
        self.tail = Tail(joint, project=joint.model_dim != joint.dim)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """(b, n) int64 → (b, latent) float32, unit length."""
        everything = torch.ones_like(tokens)
        joint: torch.Tensor = self.tail(self.model(input_ids=tokens, attention_mask=everything).last_hidden_state)
        return joint

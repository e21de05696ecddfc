"""What a MuQ-MuLan checkpoint says about itself: its ``config.json`` and those of the two models that it names.

Settings that would make another network, or other numbers, are refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.errors import EncoderError

_USE = "Use the official files: OpenMuQ/MuQ-MuLan-large and the two models that its config.json names."
_MULAN = {"sr": 24_000, "clip_secs": 10, "proj_to_latent": True, "norm_type": "l2norm"}
_MUQ = {"features": ["melspec_2048"], "hop_length": 240, "n_mels": 128, "is_flash": False}
"""What these settings must be (their defaults, too)."""
_TIME_STRIDES = {25: (2, 2), 50: (2, 1)}
"""Steps a second → strides over time of the two convolution blocks, from 100 frames a second."""


@dataclass(frozen=True, kw_only=True)
class Joint:
    """One side's way from its model to the joint space: a projection, a transformer, a head.

    Parameters
    ----------
    model_dim : width of the model's states.
    dim, depth, heads, dim_head, ff_mult : sizes of the transformer.
    latent : size of the joint space.
    """

    model_dim: int
    dim: int
    depth: int
    heads: int
    dim_head: int
    ff_mult: int
    latent: int


@dataclass(frozen=True, kw_only=True)
class Muq:
    """The audio model.

    Parameters
    ----------
    mean, std : of the decibel spectrogram over the training set.
    conv_dim, dim, depth : channels of the convolutions, width and number of the conformer layers.
    time_strides : of the two convolution blocks.
    conformer : further settings for transformers' Wav2Vec2-Conformer.
    """

    mean: float
    std: float
    conv_dim: int
    dim: int
    depth: int
    time_strides: tuple[int, int]
    conformer: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class MulanSettings:
    """``config.json`` of a MuQ-MuLan; ``layer`` is the hidden state of the audio model that is used, −1 the last."""

    audio_name: str
    text_name: str
    layer: int
    audio: Joint
    text: Joint


def read_mulan(folder: Path) -> MulanSettings:
    """Read ``folder/config.json``.

    Raises
    ------
    EncoderError : it is missing, damaged, or of a variant that is not supported.
    """
    path = folder / "config.json"
    data = read_json(path)
    mulan, audio, text = (_part(data, key, path) for key in ("mulan", "audio_model", "text_model"))
    _demand(mulan, _MULAN, path)
    if "muq" not in str(audio.get("name", "")).lower():
        raise EncoderError(f"{path}: the audio model is {audio.get('name')!r}; only a MuQ is supported.", fix=_USE)
    if "xlm-roberta" not in str(text.get("name", "")):
        raise EncoderError(f"{path}: the text model is {text.get('name')!r}; only XLM-RoBERTa is supported.", fix=_USE)
    latent = int(mulan.get("dim_latent", 128))
    return MulanSettings(
        audio_name=str(audio["name"]),
        text_name=str(text["name"]),
        layer=int(audio.get("use_layer_idx", -1)),
        audio=_joint(_part(data, "audio_transformer", path), audio.get("model_dim") or 1024, latent),
        text=_joint(_part(data, "text_transformer", path), text.get("model_dim"), latent),
    )


def _joint(sizes: dict[str, Any], model_dim: int | None, latent: int) -> Joint:
    dim = int(sizes.get("dim", 768))
    return Joint(
        model_dim=int(model_dim or dim),
        dim=dim,
        depth=int(sizes.get("tf_depth", 12)),
        heads=int(sizes.get("heads", 8)),
        dim_head=int(sizes.get("dim_head", 64)),
        ff_mult=int(sizes.get("ff_mult", 4)),
        latent=latent,
    )


def read_muq(folder: Path) -> Muq:
    """Read the audio model's ``config.json`` in ``folder``.

    Raises
    ------
    EncoderError : it is missing, damaged, or of a variant that is not supported.
    """
    path = folder / "config.json"
    data = read_json(path)
    _demand(data, _MUQ, path)
    stat, conformer = _part(data, "stat", path), _part(data, "w2v2_config", path)
    missing = [key for key in ("melspec_2048_mean", "melspec_2048_std") if key not in stat]
    missing += [key for key in ("position_embeddings_type", "num_attention_heads") if key not in conformer]
    if missing:
        raise EncoderError(f"{path} lacks {', '.join(missing)}.", fix=_USE)
    label_rate = data.get("label_rate", 25)
    if label_rate not in _TIME_STRIDES:
        raise EncoderError(f"{path}: label_rate is {label_rate}; only 25 and 50 are supported.", fix=_USE)
    return Muq(
        mean=float(stat["melspec_2048_mean"]),
        std=float(stat["melspec_2048_std"]),
        conv_dim=int(data.get("conv_dim", 512)),
        dim=int(data.get("encoder_dim", 1024)),
        depth=int(data.get("encoder_depth", 12)),
        time_strides=_TIME_STRIDES[label_rate],
        conformer=conformer,
    )


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file.

    Raises
    ------
    EncoderError : the file is missing or is none.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise EncoderError(
            f"{path} cannot be read: {error}", fix="Download the model's whole folder, not only its weights."
        ) from error
    if not isinstance(data, dict):
        raise EncoderError(f"{path} holds no JSON object.", fix="Download the file again.")
    return data


def _part(data: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    part = data.get(key)
    if not isinstance(part, dict):
        raise EncoderError(f"{path} has no section '{key}'.", fix=_USE)
    return part


def _demand(data: dict[str, Any], wanted: dict[str, Any], path: Path) -> None:
    for key, value in wanted.items():
        if data.get(key, value) != value:
            raise EncoderError(f"{path}: {key} is {data[key]!r}; only {value!r} is supported.", fix=_USE)

"""The weights file of a MuQ-MuLan or of a MuQ, taken apart: a network gets exactly its own tensors, under its names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from antiphon.encoders._shared.torch_model import read_state
from antiphon.errors import EncoderError

IN_MULAN, ALONE = "mulan.audio.model.model.", "model."
"""What stands before the audio model's tensors in the file of a MuQ-MuLan, and in that of a MuQ by itself."""
_AFTER_AUDIO = {
    "mulan.audio.proj.": "tail.proj.",
    "mulan.audio.transformer.": "tail.transformer.",
    "mulan.audio_to_latents.": "tail.head.",
}
TEXT_PARTS = {
    "mulan.text.model.": "model.",
    "mulan.text.proj.": "tail.proj.",
    "mulan.text.transformer.": "tail.transformer.",
    "mulan.text_to_latents.": "tail.head.",
}
_TRAINING_ONLY = (
    "mulan.audio.aggregator.",
    "mulan.text.model.pooler.",
    "mulan.text.model.embeddings.position_ids",
    "mulan.contrast.",
    "mulan.multi_layer_contrastive_learning.",
    "mulan.audio_layers_indices",
    "mulan.text_layers_indices",
    *(
        f"{start}{part}"
        for start in (IN_MULAN, ALONE)
        for part in (
            "rvq.",
            "quantizer_",
            "linear.",
            "recon_proj.",
            "cls_token",
            "conformer.pos_conv_embed.",
            "conformer.embed_positions.",
        )
    ),
)
"""What the weights file holds beyond the networks, and what is computed rather than loaded."""


def music_parts(start: str) -> dict[str, str]:
    """The audio model's tensors in a file, which stand there after ``start``."""
    return {f"{start}conv.": "stem.", f"{start}conformer.": "conformer."}


AUDIO_PARTS = {**music_parts(IN_MULAN), **_AFTER_AUDIO}


def select(
    weights: Path,
    parts: Mapping[str, str],
    others: Mapping[str, str],
    *,
    model: str = "a MuQ-MuLan",
    hub_id: str = "OpenMuQ/MuQ-MuLan-large",
) -> dict[str, torch.Tensor]:
    """One network's tensors under this project's names; refuses a file with parts that nobody knows.

    Parameters
    ----------
    parts : how names in the file begin → how they begin in the network.
    others : of what else the file holds, which is left there.
    model, hub_id : what it should be, for the message.

    Raises
    ------
    EncoderError : the file cannot be read, or is of another model.
    """
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
            f"{weights} holds {len(unknown)} weights that are no part of {model}, such as {sorted(unknown)[0]}.",
            fix=f"Use the weights of {hub_id}.",
        )
    return chosen


def fill(network: torch.nn.Module, state: Mapping[str, torch.Tensor], weights: Path) -> None:
    """Give a network exactly these weights.

    Raises
    ------
    EncoderError : one is missing, of another shape, or too many.
    """
    try:
        network.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise EncoderError(
            f"{weights} does not fit the config.json files: {error}",
            fix="Download config.json and the weights of one model together.",
        ) from error
    network.eval().requires_grad_(False)

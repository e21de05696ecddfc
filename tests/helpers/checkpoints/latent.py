"""A Music2Latent checkpoint with random weights, saved as the official file is (its sizes are fixed by the package)."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def write_latent(folder: Path, *, seed: int = 0, **others: Any) -> Path:
    """Write ``music2latent.pt`` (62 MiB: the encoder only) into ``folder``; return it.

    Like the official file it holds ``gen_state_dict`` with the encoder's weights under ``encoder.``, and beside it
    plain and numpy numbers of its training. ``others`` are further entries.
    """
    import numpy as np
    import torch
    from music2latent.models import Encoder

    torch.manual_seed(seed)
    encoder = Encoder()
    with torch.no_grad():
        for weight in encoder.parameters():  # the package starts the last layer of each block at zero
            if weight.ndim > 1 and not weight.any():
                weight.normal_(std=0.5 / weight[0].numel() ** 0.5)
    state = {f"encoder.{key}": value for key, value in encoder.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    training = {"it": 800_000, "loss": np.float64(0.01), "step": np.int64(5), "best": np.float32(2.0)}
    torch.save({"gen_state_dict": state, **training, **others}, folder / "music2latent.pt")
    return folder


CHECKPOINTS = {"latent": write_latent}

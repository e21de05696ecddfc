"""A linear closed form as a shared space: its maps in heads of kind ``"linear"``."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from antiphon.align.closed_form.linear_form import LinearForm
from antiphon.align.heads.head import Head
from antiphon.align.heads.projection_head import LinearHead, ProjectionSpec
from antiphon.align.model import SharedSpace
from antiphon.layout import Layout

Float32 = NDArray[np.float32]


def linear_space(form: LinearForm) -> SharedSpace:
    """Embeds as ``form`` does, but for standardised values beyond ten spreads, which heads hold there."""
    sides = {
        "text": (form.text_mean, form.text_scale, form.text_weight),
        "audio": (form.audio_mean, form.audio_scale, form.audio_weight),
    }
    specs = {
        name: ProjectionSpec(kind="linear", layout=Layout.flat(len(mean)), dim=form.dim, layers="all")
        for name, (mean, _, _) in sides.items()
    }
    with torch.random.fork_rng([]):
        space = SharedSpace(specs["audio"], specs["text"])
    for name, numbers in sides.items():
        _fill(getattr(space, name), *numbers)
    return space.eval().requires_grad_(False)


def _fill(head: Head, mean: Float32, scale: Float32, weight: Float32) -> None:
    head.standardise.fit(mean.astype(np.float64), scale.astype(np.float64))
    matrix = cast(nn.Linear, cast(LinearHead, head).body)
    with torch.no_grad():
        matrix.weight.copy_(torch.from_numpy(weight.T))
        matrix.bias.zero_()

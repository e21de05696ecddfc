"""Linear CCAs as a shared space: side by side in heads of kind ``"linear_cca"``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from antiphon.align.closed_form.linear_form import LinearForm
from antiphon.align.closed_form.principal import Principal
from antiphon.align.heads.linear_cca_head import LinearCCAHead, LinearSide, fill_linear_cca_head, linear_cca_spec
from antiphon.align.model import SharedSpace

ROUNDING = 1e-5
"""Of the greatest singular value of all directions: those of less are the same direction twice."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearCCAs:
    """CCAs that were solved on the same tracks.

    Parameters
    ----------
    forms : one or more, which standardise alike.
    axes : of wide vectors, along which the forms see tracks; None where they see vectors as they are.
    """

    forms: Sequence[LinearForm]
    axes: Principal | None = None

    def space(self) -> SharedSpace:
        """Its cosine is the mean of the forms', but for standardised values beyond ten spreads, which heads hold."""
        first, dims = self.forms[0], tuple(form.dim for form in self.forms)
        words, sound = (
            np.concatenate(weights, axis=1)
            for weights in zip(*((form.text_weight, form.audio_weight) for form in self.forms), strict=True)
        )
        text = LinearSide(mean=first.text_mean, scale=first.text_scale, weight=words)
        audio = LinearSide(mean=first.audio_mean, scale=first.audio_scale, weight=sound)
        if self.axes is not None:
            audio = _of_vectors(audio, self.axes)
        space = SharedSpace(linear_cca_spec(audio, dims), linear_cca_spec(text, dims))
        for head, side in ((space.text, text), (space.audio, audio)):
            fill_linear_cca_head(cast(LinearCCAHead, head), side)
        return space.eval().requires_grad_(False)


def _of_vectors(side: LinearSide, axes: Principal) -> LinearSide:
    """From coordinates along ``axes`` to vectors, by as few axes as all directions have between them: forms of one
    ridge have the same, and each axis is as long as a vector in every checkpoint."""
    left, size, right = np.linalg.svd(side.weight, full_matrices=False)
    kept = size > ROUNDING * size[0]
    return LinearSide(
        mean=axes.scaling.mean,
        scale=axes.scaling.scale,
        weight=size[kept, None] * right[kept],
        offset=side.mean @ side.weight,
        axes=axes.basis @ left[:, kept],
    )

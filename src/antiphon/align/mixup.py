"""Mixed pairs of vectors: FuseMix (Vouitsis et al. 2024, arXiv:2312.10144), mixup (Zhang et al. 2018) in feature space.

A mixture of two pieces of music is described by the same mixture of their captions: the pair stays a pair, and there
are more of them than tracks. Both sides are mixed with the same partner and the same share.
"""

from __future__ import annotations

import torch
from torch import Tensor


def mix_pairs(audio: Tensor, text: Tensor, strength: float) -> tuple[Tensor, Tensor]:
    """Each pair mixed with another one of the batch.

    Parameters
    ----------
    audio, text : (b, d_audio), (b, d_text), row i of one belongs to row i of the other.
    strength : > 0; the share kept is drawn once from Beta(strength, strength) and is at least a half, so that pair i
        remains mostly pair i. Random numbers come from torch's global generator.
    """
    draw = float(torch.distributions.Beta(strength, strength).sample())
    share = max(draw, 1 - draw)
    partner = torch.randperm(len(audio), device=audio.device)
    return audio.lerp(audio[partner], 1 - share), text.lerp(text[partner.to(text.device)], 1 - share)

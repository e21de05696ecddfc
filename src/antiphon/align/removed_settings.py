"""Settings that have left, and those that got another name: what someone who still uses one is told.

Commit b884012 had the code of all of them. Checkpoints that were trained with one open all the same
(:mod:`antiphon.align.checkpoint.upgrade`).
"""

from __future__ import annotations

RENAMED = {"caption_parts": "caption_phrases"}
"""What a setting was called → what it is called now."""

_CHANCE = "it changed nothing beyond chance (docs/experiments/options.md)"
REMOVED = {
    "mixup": _CHANCE,
    "ema": _CHANCE,
    "exclude_similar": _CHANCE,
    "captions": "a step takes one caption of a track, drawn anew at each visit",
    "loss_kernel": "the Triton kernels were never timed on a GPU (docs/decisions/fused-loss.md)",
    "copies": "several projections side by side were not significantly better than one (docs/experiments/options.md)",
    "squash": "standardised numbers are always bent to within two spreads (docs/experiments/kernels.md)",
    "relevance": "numbers are always weighed by relevance (docs/experiments/heads-and-shares.md)",
    "hubness_weight": "hubness correction always has the weight 0.3 (docs/experiments/hubness.md)",
    "hubness_neighbours": "hubness correction always looks at the 20 nearest",
    "layer_lr": "layer weights always learn 20 times as fast as the other weights",
    "warmup": "the learning rate always rises over the first twentieth of the steps",
    "final_lr": "the learning rate always ends at a hundredth of lr",
    "clip": "the norm of a step's gradient is always held at 1",
    "learn_temperature": "the temperature is always learned; temperature is where it starts",
    "temperature_min": "the temperature is always held at 0.01 or above",
    "temperature_max": "the temperature is always held at 0.5 or below",
    "soft_temperature": "the temperature of text-to-text similarity is always 0.1",
    "finetune_alpha": "an addition always counts twice: alpha is 2 × finetune_rank",
    "finetune_dropout": "a tenth of an addition's inputs is always dropped in training",
    "finetune_tokens": "2,048 tokens always go through the text encoder at once",
}
"""Name → why it left, the end of a sentence that begins "the setting has left: "."""

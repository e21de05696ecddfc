"""Checkpoints whose text encoder is tiny and real: without a training, and in a library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.heads.projection_head import ProjectionSpec
from antiphon.align.hubness.correction import Hubness
from antiphon.align.model import SharedSpace
from antiphon.align.train import train
from antiphon.layout import Layout
from antiphon.registry import TextEncoder
from tests.helpers.encoders.tiny_sentence_model import make_described_library, save_sentence_model
from tests.helpers.libraries.made_vectors import provenance
from tests.helpers.measured.spaces import unit


def bundle_for(encoder: TextEncoder, *, dim: int = 8) -> Bundle:
    """Random heads of kind mlp and a hubness correction."""
    rng, size = np.random.default_rng(0), encoder.card.layout.size
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        space = SharedSpace(
            ProjectionSpec(kind="linear", layout=Layout.flat(12), dim=dim),
            ProjectionSpec(kind="mlp", layout=Layout.flat(size), dim=dim, hidden=6),
        )
    return Bundle(
        name="made_best_r1",
        run="made",
        encoder="made",
        text_encoder=encoder.card.name,
        audio_provenance=provenance("made", "audio", 12),
        text_provenance=provenance(encoder.card.name, "text", size),
        space=space.eval().requires_grad_(False),
        config=TrainConfig(),
        epoch=1,
        val={},
        split_fingerprint="",
        train_ids=[],
        hubness=Hubness.from_reference(unit(rng, 9, dim), unit(rng, 9, dim), weight=0.5, neighbours=3),
    )


def make_trained_library(folder: Path, **settings: object) -> Path:
    """A library with a training "made", whose captions and queries a tiny sentence model reads."""
    root = folder / "lib"
    text = make_described_library(root, save_sentence_model(folder / "model"))
    wanted = {"epochs": 1, "dim": 16, "hubness": "always", **settings}
    train(root, "made", text=text, name="made", config=TrainConfig(**wanted))  # type: ignore[arg-type]
    return root

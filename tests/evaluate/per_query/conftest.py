"""A library with a checkpoint that is often wrong, and its test split query by query."""

from __future__ import annotations

import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.evaluate.per_query.results import query_results
from antiphon.evaluate.split_vectors import Splits
from tests.helpers.libraries.made_vectors import COMPARED, make_library

SMALL = TrainConfig(epochs=1, dim=16, hidden=32, epoch_steps=4, precision="float32", device="cpu", hubness="none")
"""Few steps: what is asked here is what is said of a query, not how good it is."""


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("per_query") / "library"
    make_library(root, **COMPARED, names=("clear",), noise=(2.0,))
    train(root, "clear", config=SMALL)
    return root


@pytest.fixture(scope="session")
def split(root):
    splits = Splits(root)
    vectors = splits.vectors(Bundle.load(root / "checkpoints" / "clear_best_r1.pt"), "test")
    return vectors, query_results(splits.library, vectors)

"""A library with made vectors, captions that a tiny sentence model has read, and two short trainings."""

import shutil
from pathlib import Path

import pytest

import antiphon
from antiphon.embed import embed_text
from antiphon.registry import LoadOptions
from tests.helpers.encoders.tiny_sentence_model import save_sentence_model
from tests.helpers.libraries.made_vectors import make_library

SETTINGS = {"epochs": 2, "dim": 8, "hidden": 8, "epoch_steps": 2, "batch_size": 16}
TEXT = "tiny-words"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained on the encoders ``one`` and ``two``."""
    folder = tmp_path_factory.mktemp("api")
    make_library(folder / "library", test=10, names=("one", "two"))
    embed_text(folder / "library", str(save_sentence_model(folder / "model")), options=LoadOptions(device="cpu"))
    library = antiphon.open(folder / "library")
    for name in library.encoders:
        library.train(name, text=TEXT, name=name, **SETTINGS)
    return folder / "library"


@pytest.fixture
def library(made: Path) -> antiphon.Library:
    """Opened, for tests that only read."""
    return antiphon.open(made)


@pytest.fixture
def own(made: Path, tmp_path: Path) -> antiphon.Library:
    """A copy, for tests that write."""
    return antiphon.open(shutil.copytree(made, tmp_path / "library"))

"""One small rendered library that went through the whole chain, shared by the tests of this folder."""

from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.demo.render import render_library


def antiphon(*arguments: str) -> None:
    """Run a command in this process, as the shell would."""
    app(list(arguments), result_action="return_value")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """96 pieces: ingested, embedded, trained for six epochs with each signal encoder."""
    root = tmp_path_factory.mktemp("main-job") / "library"
    manifest = render_library(root / "music", pieces=96, seed=3, jobs=2)
    antiphon("ingest", str(manifest), "--seed", "6", "--library", str(root))
    antiphon("embed", "--jobs", "2", "--library", str(root))
    antiphon("train", "--encoder", "all", "--epochs", "6", "--library", str(root))
    return root

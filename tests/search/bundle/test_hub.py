"""Bundles on a model hub: pushed and pulled by huggingface_hub itself, against a hub on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.errors import CheckpointError
from antiphon.search.bundle.hub import is_address, pull, push
from antiphon.search.bundle.sealing import seal_checkpoint
from antiphon.search.checkpoints import checkpoint_for_search
from tests.helpers.trained.light import make_trained_library
from tests.helpers.web.hub import running_hub

THERE_AND_BACK = """
import sys, numpy as np, antiphon
from antiphon.search.bundle.hub import pull, push
from pathlib import Path
folder = Path(sys.argv[1])
print(push(folder, "me/sealed"))
model = antiphon.load("hf://me/sealed")
np.testing.assert_array_equal(model.embed_text(["slow piano"]), antiphon.load(folder).embed_text(["slow piano"]))
try:
    antiphon.load("hf://me/nothing")
except antiphon.AntiphonError as error:
    print(error)
print(pull("hf://me/sealed"))
"""
AGAIN = "from antiphon.search.bundle.hub import pull; print(pull('hf://me/sealed'))"


def test_a_bundle_goes_to_the_hub_and_comes_back_and_stays_when_the_hub_is_gone(tmp_path: Path) -> None:
    library = make_trained_library(tmp_path)
    folder = seal_checkpoint(library, checkpoint_for_search(library), tmp_path / "sealed").folder
    with running_hub() as hub:
        env = {
            **os.environ,
            "HF_ENDPOINT": hub.address,
            "HF_HUB_OFFLINE": "0",
            "HF_TOKEN": "hf_of_a_test",
            "HF_HUB_DISABLE_XET": "1",  # a storage protocol of its own, beside the hub's HTTP
            "HF_HOME": str(tmp_path / "hf"),
            "ANTIPHON_CACHE": str(tmp_path / "cache"),
            "NO_PROXY": "127.0.0.1",
        }
        run = [sys.executable, "-c", THERE_AND_BACK, str(folder)]
        done = subprocess.run(run, capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0, done.stderr
        commit, unknown, *_, place = done.stdout.splitlines()
        own = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert set(hub.files["me/sealed"]) == own
        assert commit.startswith(f"{hub.address}/me/sealed/commit/")
        assert unknown.startswith("hf://me/nothing cannot be fetched")
        assert Path(place).parent == tmp_path / "cache" / "bundles"
    gone = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, env=env, check=False)
    assert gone.stdout.strip() == place, gone.stderr
    assert "cannot be accessed" in gone.stderr


def test_what_is_no_address_and_what_is_no_bundle_are_refused(tmp_path: Path) -> None:
    assert is_address("hf://a/b")
    assert not is_address("a/b")
    for address in ("hf://alone", "hf://a/b/c", "hf://a/b@", "hf://../b c"):
        with pytest.raises(CheckpointError, match="is no bundle on a hub"):
            pull(address)
    with pytest.raises(CheckpointError, match="is no bundle"):
        push(tmp_path, "a/b")

"""Sealed bundles: what they hold, that they open without their library, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.align.checkpoint.sealed import HEADS, MANIFEST
from antiphon.align.ensemble import closed_forms
from antiphon.align.ensemble.linear.look import NOT_MEASURED
from antiphon.errors import AntiphonWarning, CheckpointError
from antiphon.search.bundle.examples import held, without_examples
from antiphon.search.bundle.sealing import Sealed, seal_checkpoint
from antiphon.search.bundle.standing import standing
from antiphon.search.checkpoints import checkpoint_for_search
from antiphon.search.light.opening import light_searcher
from antiphon.search.light.preparing import prepare
from antiphon.search.searcher import Searcher
from tests.helpers.trained.light import make_trained_library

TEXTS = ["slow sad piano", "drums with words", "t001"]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_trained_library(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def sealed(library: Path) -> Sealed:
    return seal_checkpoint(library, checkpoint_for_search(library), library.parent / "sealed")


@pytest.fixture
def copy(sealed: Sealed, tmp_path: Path) -> Path:
    """A copy of the bundle that a test may damage."""
    return Path(shutil.copytree(sealed.folder, tmp_path / "copy"))


def rewritten(folder: Path, **changes: object) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def test_a_bundle_gives_the_vectors_and_scores_of_its_checkpoint(library: Path, sealed: Sealed) -> None:
    checkpoint = antiphon.load(checkpoint_for_search(library))
    model = antiphon.load(sealed.folder)
    raw = np.random.default_rng(0).standard_normal((5, 24)).astype(np.float32)
    np.testing.assert_array_equal(model.embed_audio(raw), checkpoint.embed_audio(raw))
    np.testing.assert_array_equal(model.score_audio(raw), checkpoint.score_audio(raw))
    np.testing.assert_allclose(model.score_text(TEXTS), checkpoint.score_text(TEXTS), atol=1e-4)
    assert (model.name, model.encoder, model.val) == (checkpoint.name, checkpoint.encoder, checkpoint.val)
    assert model.bundle.audio_provenance == checkpoint.bundle.audio_provenance
    assert model.bundle.config == checkpoint.bundle.config


def test_it_opens_where_neither_library_nor_text_encoder_are(sealed: Sealed, tmp_path: Path) -> None:
    alone = shutil.move(shutil.copytree(sealed.folder, tmp_path / "there"), tmp_path / "elsewhere")
    model = sealed.folder.parent / "model"
    hidden = model.rename(model.with_name("hidden"))
    try:
        code = "import antiphon, sys; print(antiphon.load(sys.argv[1]).embed_text(['slow piano']).shape)"
        asked = [sys.executable, "-c", code, str(alone)]
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, env={**os.environ}, check=True)
    finally:
        hidden.rename(model)
    assert done.stdout.startswith("(1, ")


def test_nothing_in_it_is_a_pickle(sealed: Sealed) -> None:
    endings = {path.suffix for path in sealed.folder.rglob("*") if path.is_file()}
    assert endings == {".json", ".safetensors", ".onnx", ".md"}


def test_another_library_is_indexed_and_searched_with_it(sealed: Sealed, tmp_path: Path) -> None:
    other = make_trained_library(tmp_path)
    shutil.rmtree(other / "checkpoints")
    path = find_checkpoint(other, sealed.folder)
    torch_way = Searcher(other, path)
    prepare(torch_way)
    light = light_searcher(other, path)
    assert light is not None
    found = [hit.track_id for hit in light.search("slow sad piano", k=5)]
    assert found == [hit.track_id for hit in torch_way.search("slow sad piano", k=5)]
    assert torch_way.remarks()[0] == "Searched 62 tracks with sealed."
    assert checkpoint_for_search(other) == path


def test_its_card_has_figures_with_intervals_baselines_data_and_licences(sealed: Sealed) -> None:
    card = (sealed.folder / "README.md").read_text(encoding="utf-8")
    figures = json.loads((sealed.folder / MANIFEST).read_text(encoding="utf-8"))["figures"]
    low, high = figures["t2a"]["ci95"]["MRR"]
    assert f"{figures['t2a']['MRR']:.4f} [{low:.4f}, {high:.4f}]" in card
    for said in ("cca, text to audio", "chance, audio to text", figures["verdict"], "52 tracks of one library"):
        assert said in card
    assert "the ids of 52 training tracks" in card
    assert "Licence of its weights" in card or "this card does not" in card


def test_sealing_keeps_no_test_result_in_the_library(library: Path, sealed: Sealed) -> None:
    assert sealed.folder.is_dir()
    assert not (library / "runs" / "made" / "test_metrics.json").exists()


def test_without_examples_nothing_of_the_training_is_left_and_the_cost_is_said(library: Path, tmp_path: Path) -> None:
    checkpoint = checkpoint_for_search(library)
    whole = Bundle.load(checkpoint)
    assert held(whole).landmarks > 0
    assert held(whole).track_ids > 0
    less = seal_checkpoint(library, checkpoint, tmp_path / "less", examples=False)
    assert not less.holds
    assert less.lost["whole"] != less.lost["without"]
    assert f"MRR {less.lost['without']:.3f} in place of {less.lost['whole']:.3f}" in (
        less.folder / "README.md"
    ).read_text(encoding="utf-8")
    opened = antiphon.load(less.folder)
    assert not held(opened.bundle)
    assert opened.embed_text(TEXTS).shape == (3, opened.dim)
    ids = [str(name).encode() for name in whole.train_ids]
    assert not any(ids[0] in path.read_bytes() for path in less.folder.iterdir() if path.is_file())


def test_what_consists_of_examples_alone_cannot_do_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closed_forms, "look", lambda *_, **__: NOT_MEASURED)  # kernel CCAs alone
    root = make_trained_library(tmp_path, epochs=0)
    with pytest.raises(CheckpointError, match="nothing that could answer"):
        without_examples(Bundle.load(checkpoint_for_search(root)))


@pytest.mark.parametrize("name", [HEADS, "text/head.onnx", "text/text.json", "README.md"])
def test_a_file_that_was_changed_is_named(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    if name == "README.md":  # a card may be written further
        antiphon.load(copy)
        return
    with pytest.raises(CheckpointError, match=f"{Path(name).name} is not the file that was sealed"):
        antiphon.load(copy)


def test_a_file_that_is_missing_is_named(copy: Path) -> None:
    (copy / HEADS).unlink()
    with pytest.raises(CheckpointError, match=r"lacks heads\.safetensors"):
        antiphon.load(copy)


def test_newer_and_damaged_manifests_and_names_that_lead_outside_are_refused(copy: Path) -> None:
    whole = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))
    rewritten(copy, format=99)
    with pytest.raises(CheckpointError, match="has format 99"):
        antiphon.load(copy)
    rewritten(copy, format=1, files={**whole["files"], "text/../../outside": {"bytes": 1, "sha256": ""}})
    with pytest.raises(CheckpointError, match="outside its folder"):
        antiphon.load(copy)
    (copy / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(CheckpointError, match="no manifest of a bundle, or damaged"):
        antiphon.load(copy)


def test_heads_of_another_bundle_are_refused(copy: Path) -> None:
    state = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))["state"]
    rewritten(copy, state={**state, "checksum": "0" * 64})
    with pytest.raises(CheckpointError, match="checksum differs"):
        antiphon.load(copy)


def test_a_folder_that_is_no_bundle_is_never_replaced(library: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CheckpointError, match="is there and no bundle"):
        seal_checkpoint(library, checkpoint_for_search(library), tmp_path)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_bundle_that_did_worse_than_its_baselines_says_so_whenever_it_is_used(library: Path, copy: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        antiphon.load(copy)
    rewritten(copy, standing="worse", verdict="Training is WORSE than the best baseline: MRR 0.2 against 0.4.")
    with pytest.warns(AntiphonWarning, match=r"^About this bundle: Training is WORSE .*: MRR 0\.2 against 0\.4\.$"):
        antiphon.load(copy)
    said = Searcher(library, find_checkpoint(library, copy)).remarks()
    assert "About this bundle: Training is WORSE than the best baseline: MRR 0.2 against 0.4." in said


@pytest.mark.parametrize(
    ("ends", "found"), [([0.01, 0.1], "better"), ([-0.1, 0.1], "undecided"), ([-0.2, -0.1], "worse")]
)
def test_the_interval_against_the_best_baseline_decides(ends: list[float], found: str) -> None:
    def figures(mrr: float, ci95: list[float]) -> dict[str, object]:
        p = 0.2 if ci95[0] * ci95[1] < 0 else 0.01
        gain = {"mean": {"MRR": {"ci95": ci95, "difference": sum(ci95) / 2, "p": p}}}
        return {"t2a": {"MRR": mrr}, "a2t": {"MRR": mrr}, "training_minus_baseline": gain}

    assert standing({"baselines": {"weak": figures(0.1, [0.5, 0.6]), "best": figures(0.3, ends)}}) == found
    assert standing({}) == "unknown"

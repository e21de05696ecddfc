import json
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import CheckpointError, EmbeddingError
from antiphon.layout import Layout
from antiphon.library.pairs import load_pairs
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("library")
    make_library(root, layout=Layout(2, 4, 3))
    train(root, "made", text="words", config=SMALL)
    return root


@pytest.fixture
def bundle(trained: Path) -> Bundle:
    return Bundle.load(trained / "checkpoints" / "made_best_r1.pt")


def test_the_file_is_plain_and_opens_without_antiphon(trained: Path) -> None:
    state = torch.load(trained / "checkpoints" / "made_last.pt", weights_only=True)
    assert state["format"] == 3
    assert state["encoder"] == "made"
    assert state["audio_provenance"]["layout"] == {"layers": 2, "dims": 4, "statistics": 3}
    assert len(json.loads(state["train_ids"])) == 40
    assert "training" in state
    assert "training" not in torch.load(trained / "checkpoints" / "made_best_r1.pt", weights_only=True)


def test_saved_and_loaded_it_embeds_to_the_same_bits(bundle: Bundle, tmp_path: Path) -> None:
    bundle.save(tmp_path / "copy.pt")
    copy = Bundle.load(tmp_path / "copy.pt")
    audio = np.random.default_rng(0).normal(size=(5, 24)).astype(np.float32)
    text = np.random.default_rng(1).normal(size=(4, 16)).astype(np.float16)
    assert np.array_equal(bundle.embed_audio(audio), copy.embed_audio(audio))
    assert np.array_equal(bundle.embed_text(text), copy.embed_text(text))
    assert copy.name == "copy"
    assert (copy.config, copy.epoch, copy.val, copy.train_ids) == (
        bundle.config,
        bundle.epoch,
        bundle.val,
        bundle.train_ids,
    )


def test_embeddings_are_unit_float32_and_do_not_depend_on_the_batch(bundle: Bundle) -> None:
    audio = np.random.default_rng(0).normal(size=(5, 24)).astype(np.float16)
    together = bundle.embed_audio(audio)
    assert together.dtype == np.float32
    assert together.shape == (5, bundle.dim)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, rtol=1e-5)
    one_by_one = np.concatenate([bundle.embed_audio(row[None]) for row in audio])
    np.testing.assert_allclose(one_by_one, together, atol=3e-6)  # processors round products of other shapes otherwise
    assert bundle.embed_audio(audio[:0]).shape == (0, bundle.dim)


def test_a_vector_of_another_size_is_refused(bundle: Bundle) -> None:
    with pytest.raises(CheckpointError, match=r"takes made vectors of shape \(n, 24\), not \(3, 23\)"):
        bundle.embed_audio(np.zeros((3, 23)))
    with pytest.raises(CheckpointError, match=r"takes words vectors of shape \(n, 16\), not \(16,\)"):
        bundle.embed_text(np.zeros(16))


def test_vectors_made_another_way_are_refused(bundle: Bundle) -> None:
    bundle.require(audio=bundle.audio_provenance, text=bundle.text_provenance)
    with pytest.raises(
        EmbeddingError, match="pooling: none in the checkpoint made_best_r1, mean in these audio vectors"
    ):
        bundle.require(audio=replace(bundle.audio_provenance, pooling="mean"))
    with pytest.raises(EmbeddingError, match="prompt"):
        bundle.require(text=replace(bundle.text_provenance, prompt="music: "))


def test_its_loss_and_metrics_are_those_of_the_history(bundle: Bundle, trained: Path) -> None:
    from antiphon.library.tracks import Library
    from antiphon.metrics.retrieval import retrieval

    pairs = load_pairs(Library(trained), "made", "words", "val")
    loss = bundle.loss(pairs.text, pairs.audio, pairs.track_of_caption, pairs.text_id)
    assert loss == pytest.approx(bundle.val["val_loss"], rel=1e-6)
    found = retrieval(
        bundle.embed_text(pairs.text), bundle.embed_audio(pairs.audio), pairs.track_of_caption, pairs.text_id
    )
    assert found["t2a"]["MRR"] == bundle.val["val_t2a_MRR"]
    assert found["a2t"]["R@5"] == bundle.val["val_a2t_R@5"]


def test_what_it_says_of_itself(bundle: Bundle) -> None:
    assert (bundle.name, bundle.encoder, bundle.text_encoder) == ("made_best_r1", "made", "words")
    assert bundle.parameters == sum(p.numel() for p in bundle.space.parameters())
    assert 0.01 <= bundle.temperature <= 0.5
    assert list(bundle.layer_weights()) == ["made"]
    assert sum(bundle.layer_weights()["made"]) == pytest.approx(1.0)


def test_damaged_foreign_and_other_versions_are_refused_with_a_fix(trained: Path, tmp_path: Path) -> None:
    good = trained / "checkpoints" / "made_last.pt"
    path = tmp_path / "x.pt"
    with pytest.raises(CheckpointError, match=r"(?s)No checkpoint .*antiphon train"):
        Bundle.load(path)
    path.write_bytes(good.read_bytes()[:-500])
    with pytest.raises(CheckpointError, match="cannot be read"):
        Bundle.load(path)
    path.write_bytes(b"")
    with pytest.raises(CheckpointError, match="cannot be read"):
        Bundle.load(path)
    torch.save({"weights": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="no Antiphon checkpoint"):
        Bundle.load(path)
    state = torch.load(good, weights_only=True)
    torch.save({**state, "format": 99}, path)
    with pytest.raises(CheckpointError, match="has format 99"):
        Bundle.load(path)
    del state["audio_head"]
    torch.save(state, path)
    with pytest.raises(CheckpointError, match="is not whole"):
        Bundle.load(path)


def test_a_file_that_is_cut_off_anywhere_is_called_damaged(trained: Path, tmp_path: Path) -> None:
    whole, path = (trained / "checkpoints" / "made_last.pt").read_bytes(), tmp_path / "x.pt"
    for kept in (21, 4_096, 5_000, 20_000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:kept])
        with pytest.raises(CheckpointError, match=r"x\.pt cannot be read"):
            Bundle.load(path)


@pytest.mark.parametrize("part", ["weights", "hubness"])
def test_one_number_that_a_disk_has_changed_is_noticed(trained: Path, tmp_path: Path, part: str) -> None:
    state = torch.load(trained / "checkpoints" / "made_best_r1.pt", weights_only=True)
    torch.save(state, tmp_path / "x.pt")
    Bundle.load(tmp_path / "x.pt")
    name, tensor = next((k, v) for k, v in state[part].items() if torch.is_tensor(v) and v.numel() > 3)
    changed = tensor.clone()
    changed.view(-1)[3] += 0.25
    torch.save({**state, part: {**state[part], name: changed}}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"x\.pt.*the checksum differs"):
        Bundle.load(tmp_path / "x.pt")
    older = {key: value for key, value in state.items() if key != "checksum"}
    torch.save(older, tmp_path / "x.pt")
    assert Bundle.load(tmp_path / "x.pt").name == "x"


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"format": 1, "encoder": Path("a")}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match="could run code of its own") as caught:
        Bundle.load(tmp_path / "x.pt")
    assert "weights_only" not in str(caught.value), "torch's advice would run the file"


@pytest.mark.parametrize(
    "changes",
    [
        {"audio_head": 3},
        {"audio_head": {"kind": "mlp"}},
        {"text_head": []},
        {"config": "nothing"},
        {"config": {"epochs": 1e400}},
        {"audio_provenance": {"layout": {"layers": 0}}},
        {"train_ids": 5},
        {"weights": {"log_scale": 1.0}},
        {"hubness": []},
    ],
    ids=str,
)
def test_values_of_another_kind_are_a_checkpoint_that_cannot_be_used(
    trained: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    state = torch.load(trained / "checkpoints" / "made_last.pt", weights_only=True)
    torch.save({**state, **changes}, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"x\.pt"):
        Bundle.load(tmp_path / "x.pt")


def test_a_checkpoint_that_cannot_be_written_says_why_and_leaves_the_old_one(bundle: Bundle, tmp_path: Path) -> None:
    """As on a full disk; torch would say: enforce fail at inline_container."""
    bundle.save(tmp_path / "x.pt")
    before = (tmp_path / "x.pt").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            bundle.save(tmp_path / "x.pt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "x.pt").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt"]

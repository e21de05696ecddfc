"""Which layers of an encoder matter is learned within one training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.data.material import read_material
from antiphon.align.heads.ensemble_head import ensemble_spec
from antiphon.align.heads.kinds import make_head
from antiphon.align.heads.projection_head import ProjectionSpec
from antiphon.align.train import train
from antiphon.align.training.loop import Loop
from antiphon.align.training.schedule import LAYER_LR
from antiphon.align.training.setup import fresh_space, resolve_settings, training_data
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.console import evaluation_lines, layers
from antiphon.layout import Layout
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter
from tests.helpers.libraries.made_vectors import make_library

LAYERS, TELLING = 12, 7
SMALL = TrainConfig(closed_form="none", dim=16, hidden=16, patience=0, precision="float32")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """One layer of twelve carries what the words say."""
    made = make_library(tmp_path, train=120, val=40, layout=Layout.flat(8), names=("cause",))
    folder = tmp_path / "embeddings" / "audio"
    cause = np.load(folder / "cause" / "vectors.npy").astype(np.float32)
    vectors = np.random.default_rng(1).normal(size=(len(cause), LAYERS, 8))
    vectors[:, TELLING] = cause
    layered = Provenance(encoder="layered", kind="audio", layout=Layout(LAYERS, 8, 1), weights_id="none")
    with VectorWriter(folder / "layered", layered) as writer:
        writer.write([Row(t, "ok") for t in made.column("track_id")], vectors.reshape(len(cause), -1))
    return tmp_path


def test_the_layer_that_tells_is_found(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = train(library, "layered", text="words", config=SMALL)
    weights = Bundle.load(found.checkpoints["last"]).layer_weights()["layered"]
    assert int(np.argmax(weights)) == TELLING
    assert weights[TELLING] > 3 / LAYERS
    monkeypatch.setattr("antiphon.align.training.loop.LAYER_LR", 1.0)
    slow = train(library, "layered", text="words", name="slow", config=SMALL)
    assert found.history[-1].mean_mrr > slow.history[-1].mean_mrr + 0.05  # type: ignore[operator]


def test_evaluation_says_which_layers_count(library: Path) -> None:
    train(library, "layered", text="words", config=SMALL)
    result = evaluate(library, library / "checkpoints" / "layered_last.pt", "val", baselines=False, resamples=50)
    assert int(np.argmax(result["layers"]["layered"])) == TELLING
    (line,) = layers(result)
    assert line.startswith(f"Layers of layered with the largest weights, from 0: {TELLING} (")
    assert line in evaluation_lines(result)


def test_every_encoder_of_a_joined_or_fused_checkpoint_has_its_own() -> None:
    mixture, flat = (
        ProjectionSpec(kind="linear", layout=Layout(3, 2, 1), dim=4),
        ProjectionSpec(kind="linear", layout=Layout.flat(5), dim=4),
    )
    joined = ProjectionSpec(kind="linear", layout=Layout.joined([flat.layout, mixture.layout]), dim=4)
    even = [pytest.approx([1 / 3] * 3)]
    assert make_head(joined).layer_weights() == [None, *even]
    assert make_head(ensemble_spec([mixture, flat], own_columns=True)).layer_weights() == [*even, None]
    assert make_head(ensemble_spec([joined, mixture], own_columns=True)).layer_weights() == [None, *even, *even]
    beside = replace(joined, layout=Layout.flat(11))  # as closed forms read it
    assert make_head(ensemble_spec([beside, joined], own_columns=False)).layer_weights() == [None, *even]


def test_layer_weights_alone_have_their_own_rate(library: Path) -> None:
    material = read_material(library, "layered", "words")
    config = resolve_settings(SMALL, 120)
    space = fresh_space(material, config)
    loop = Loop(space, training_data(material, space, config), config, dtype=next(space.parameters()).dtype)
    fast = [group for group in loop.optimizer.param_groups if group["factor"] == LAYER_LR]
    assert [p is space.audio.layer_logits for group in fast for p in group["params"]] == [True]
    assert sum(len(group["params"]) for group in loop.optimizer.param_groups) == len(list(space.parameters()))
    loop.run_epoch(1)
    first, *_, last = (group["lr"] for group in loop.optimizer.param_groups)
    assert last == pytest.approx(first * LAYER_LR)

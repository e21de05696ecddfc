"""One shared space from several encoders at once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.heads.early_fusion import Sources
from antiphon.align.heads.head import native_dim
from antiphon.align.heads.projection_head import MLPHead, ProjectionSpec
from antiphon.align.train import train
from antiphon.align.training.results.history import EpochRecord
from antiphon.errors import EmbeddingError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.layout import Layout
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.search.indexes.current import current_index
from antiphon.search.indexes.sources import source_of
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=4)
JOINED = Layout.joined([Layout(5, 4, 3), Layout.flat(6)])


def slow_sources(sources: Sources, x: np.ndarray) -> np.ndarray:
    """Loops over rows, layers and channels."""
    layers = torch.softmax(sources.layer_logits["0"].detach(), 0).numpy() if "0" in sources.layer_logits else None
    gains = np.exp(sources.log_gain.detach().numpy())
    rows = []
    for row in x:
        first = row[:60] if layers is None else sum(layers[k] * row[12 * k : 12 * k + 12] for k in range(5))
        widths = np.array([len(first), 6])
        factor = gains * np.sqrt(widths.mean() / widths)
        rows.append([*(first * factor[0]), *(row[60:] * factor[1])])
    return np.array(rows)


@pytest.mark.parametrize("layers", ["mixture", "all"])
def test_sources_are_mixed_balanced_and_weighed_as_a_loop_over_them_does(layers: str) -> None:
    sources = Sources(JOINED, layers)
    x = torch.randn(7, 66)
    with torch.no_grad():
        sources.log_gain += torch.tensor([0.4, -0.3])
        for logits in sources.layer_logits.values():
            logits += torch.randn(5)
        fast = sources(x).numpy()
    assert fast.shape[1] == native_dim(JOINED, layers) == (18 if layers == "mixture" else 66)
    np.testing.assert_allclose(fast, slow_sources(sources, x.numpy()), rtol=1e-5, atol=1e-6)


def test_sources_of_any_width_enter_with_the_same_total_variance() -> None:
    sources = Sources(Layout.joined([Layout.flat(400), Layout.flat(10)]), "mixture")
    with torch.no_grad():
        mixed = sources(torch.randn(4000, 410))
    energy = [float(mixed[:, :400].square().sum(1).mean()), float(mixed[:, 400:].square().sum(1).mean())]
    assert energy[0] == pytest.approx(energy[1], rel=0.05)
    assert sum(energy) == pytest.approx(410, rel=0.05)


def test_gains_and_layer_weights_are_learned() -> None:
    head = MLPHead(ProjectionSpec(kind="mlp", layout=JOINED, dim=4, hidden=8))
    head(torch.randn(6, 66))[:, 0].sum().backward()
    assert head.sources is not None
    assert all(float(p.grad.abs().max()) > 0 for p in head.sources.parameters())
    assert head.sources.shares() == pytest.approx([0.5, 0.5])


def test_bfloat16_stays_bfloat16() -> None:
    assert Sources(JOINED, "mixture")(torch.randn(3, 66).bfloat16()).dtype == torch.bfloat16


def test_a_joined_training_can_be_measured_compared_and_searched(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one", "two"), test=12)
    for name in ("one", "two", "one+two"):
        result = train(tmp_path, name, text="words", config=SMALL)
    path = tmp_path / "checkpoints" / "one+two_best_r1.pt"
    assert result.checkpoints["best_r1"] == path
    assert (tmp_path / "runs" / "one+two" / "history.jsonl").exists()
    bundle = Bundle.load(path)
    assert [part.encoder for part in bundle.audio_provenance.sources] == ["one", "two"]
    pairs = load_pairs(Library(tmp_path), "one+two", "words", "test")
    assert bundle.embed_audio(pairs.audio).shape == (12, bundle.dim)
    assert evaluate(tmp_path, path, resamples=50)["encoder"] == "one+two"
    rows = {row.name for row in compare(tmp_path, resamples=50).rows if row.kind == "trained"}
    assert rows == {"one", "two", "one+two"}
    assert len(current_index(tmp_path, path, "one+two").track_ids) == 64


def test_resuming_a_joined_training_gives_what_was_never_stopped(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one", "two"))
    whole = train(tmp_path, "one+two", text="words", config=SMALL).history

    def stop(record: EpochRecord) -> None:
        if record.epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, "one+two", text="words", name="again", config=SMALL, on_epoch=stop)
    again = train(tmp_path, "one+two", text="words", name="again", config=SMALL).history
    assert [r.val_loss for r in whole] == [r.val_loss for r in again]


def test_a_bundle_of_sources_refuses_vectors_of_which_one_differs(tmp_path: Path) -> None:
    make_library(tmp_path / "a", names=("one", "two"))
    make_library(tmp_path / "b", names=("one", "other"))
    train(tmp_path / "a", "one+two", text="words", config=SMALL)
    bundle = Bundle.load(tmp_path / "a" / "checkpoints" / "one+two_best_r1.pt")
    theirs = load_pairs(Library(tmp_path / "b"), "one+other", "words", "val").audio_provenance
    with pytest.raises(EmbeddingError, match="not made the same way"):
        bundle.require(audio=theirs)


def test_an_index_notices_that_one_part_of_its_vectors_changed(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=("one", "two"))
    checkpoint = train(tmp_path, "one+two", text="words", config=SMALL).checkpoints["best_r1"]
    before = source_of(library, checkpoint, "one+two")
    table = tmp_path / "embeddings" / "audio" / "two" / "rows.parquet"
    table.write_bytes(table.read_bytes() + b" ")
    assert source_of(library, checkpoint, "one+two") != before

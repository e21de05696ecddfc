"""Training with a text encoder that learns: what it leaves, what it is compared with, and stopping and going on."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.checkpoint.text_encoder import text_encoder_of
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble import final_check
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.sweep.search import sweep
from antiphon.align.train import TrainResult, train
from antiphon.align.train_all import train_all
from antiphon.align.training.results.history import EpochRecord
from antiphon.errors import CheckpointError, ConfigError, EmbeddingError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import mean_of_directions
from antiphon.search.searcher import Searcher
from tests.helpers.encoders.tiny_sentence_model import make_described_library, save_sentence_model
from tests.helpers.libraries.made_vectors import make_library

CONFIG = TrainConfig(
    epochs=3, dim=8, hidden=8, epoch_steps=4, batch_size=16, patience=0, finetune_text="lora", finetune_epochs=4,
    finetune_layers=2, finetune_lr=0.01,
)  # fmt: skip
NAME = "made@tiny-words"
"""Of the training: the library's other text vectors are those that trainings take unasked."""
QUERY = "slow sad piano with drums"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With captions that a tiny sentence model has read."""
    root = tmp_path_factory.mktemp("described")
    name = make_described_library(root / "library", save_sentence_model(root / "model"))
    assert name == "tiny-words"
    return root / "library"


def frozen_checkpoint(root: Path) -> Path:
    """What was trained on frozen text vectors before fine-tuning."""
    return checkpoint_paths(root / "runs" / NAME / "frozen", NAME)["best_r1"]


@pytest.fixture
def fresh(library: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(library, tmp_path / "library"))


@pytest.fixture(scope="module")
def tuned(library: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainResult]:
    pytest.importorskip("peft")
    root = Path(shutil.copytree(library, tmp_path_factory.mktemp("tuned") / "library"))
    return root, train(root, "made", text="tiny-words", config=CONFIG)


def test_the_checkpoint_holds_the_frozen_recipe_as_it_was(tuned: tuple[Path, TrainResult]) -> None:
    root, result = tuned
    whole = Bundle.load(result.checkpoints["best_r1"])
    frozen = Bundle.load(frozen_checkpoint(root))
    assert frozen.adapter is None
    pairs = load_pairs(Library(root), "made", "tiny-words", "test")
    parts = evaluate(root, result.checkpoints["best_r1"], "test", resamples=20)["parts"]
    alone = evaluate(root, frozen_checkpoint(root), "test", resamples=20)
    assert parts["frozen_recipe"]["t2a"]["MRR"] == pytest.approx(alone["t2a"]["MRR"], abs=1e-6)
    assert parts["frozen_recipe"]["share"] + parts["fine_tuned_heads"]["share"] == pytest.approx(1)
    width = frozen.dim
    share = whole.val["frozen_weight"]
    ours = whole.embed_audio(pairs.audio)[:, :width]
    np.testing.assert_allclose(ours, share**0.5 * frozen.embed_audio(pairs.audio), atol=1e-6)


def test_training_says_what_frozen_text_was_worth(tuned: tuple[Path, TrainResult]) -> None:
    root, result = tuned
    path = frozen_checkpoint(root)
    frozen, judged = Bundle.load(path), evaluate(root, path, "val", baselines=False, resamples=20)
    assert result.frozen_mrr == pytest.approx(mean_of_directions(judged["uncorrected"]), abs=1e-6)
    assert len(result.history) == 4
    assert result.closed_form_mrr == frozen.val["closed_form_val_MRR"]


def test_the_history_is_what_evaluate_finds_again(tuned: tuple[Path, TrainResult]) -> None:
    root, result = tuned
    bundle = Bundle.load(result.checkpoints["last"])
    found = evaluate(root, result.checkpoints["last"], "val", baselines=False, resamples=20)
    assert found["loss"] == pytest.approx(bundle.val["val_loss"], abs=1e-4)
    assert found["t2a"]["MRR"] == pytest.approx(bundle.val["val_t2a_MRR"], abs=1e-3)
    assert bundle.adapter is not None
    assert found["text_adapter"] == bundle.adapter.id


def test_additions_and_heads_have_learned(tuned: tuple[Path, TrainResult]) -> None:
    _, result = tuned
    bundle = Bundle.load(result.checkpoints["last"])
    assert bundle.adapter is not None
    assert bundle.adapter.lower == 1
    assert all(b.abs().max() > 0 for _, b in bundle.adapter.weights.values())
    both = text_encoder_of(bundle).encode([QUERY, "piano"])
    assert both.shape == (2, 32)
    assert abs(both[:, :16] - both[:, 16:]).max() > 1e-3
    np.testing.assert_allclose(np.linalg.norm(both, axis=1), 2**0.5, rtol=1e-5)


def test_search_answers_the_same_after_the_checkpoint_was_written_anew(
    tuned: tuple[Path, TrainResult], tmp_path: Path
) -> None:
    root, result = tuned
    path = result.checkpoints["best_r1"]
    before = [hit.to_dict() for hit in Searcher(root, path).search(QUERY)]
    again = tmp_path / path.name
    Bundle.load(path).save(again)
    after = [hit.to_dict() for hit in Searcher(root, again).search(QUERY)]
    assert before == after
    assert len(before) == 10


def test_search_uses_the_adapted_encoder(tuned: tuple[Path, TrainResult]) -> None:
    root, result = tuned
    bundle = Bundle.load(result.checkpoints["last"])
    searcher = Searcher(root, result.checkpoints["last"])
    pairs = load_pairs(Library(root), "made", "tiny-words", "test")
    expected = bundle.embed_text(text_encoder_of(bundle).encode(list(pairs.texts[:3])))
    np.testing.assert_allclose(searcher.model.embed_text(list(pairs.texts[:3])), expected, atol=1e-6)


def test_compare_and_diagnose_take_it(tuned: tuple[Path, TrainResult]) -> None:
    root, _ = tuned
    assert [row.name for row in compare(root, resamples=20).trained] == [NAME]
    assert diagnose(root, NAME).epochs == 4


def learned(record: EpochRecord) -> dict[str, object]:
    return {key: value for key, value in record.to_dict().items() if key not in ("seconds", "pairs_per_second")}


@pytest.mark.parametrize("stopped_in", ["frozen", "tuned"])
def test_stopped_and_resumed_equals_never_stopped(
    fresh: Path, tuned: tuple[Path, TrainResult], stopped_in: str
) -> None:
    def stop(record: EpochRecord) -> None:
        if record.epoch == 2:
            raise KeyboardInterrupt

    says = "before fine-tuning.*same command" if stopped_in == "frozen" else "Epoch 2 of 4 is saved.*same command"
    with pytest.raises(KeyboardInterrupt, match=says):
        train(
            fresh,
            "made",
            text="tiny-words",
            config=CONFIG,
            on_epoch=stop if stopped_in == "tuned" else None,
            on_frozen=stop if stopped_in == "frozen" else None,
        )
    resumed, whole = train(fresh, "made", text="tiny-words", config=CONFIG), tuned[1]
    assert [learned(r) for r in resumed.history] == [learned(r) for r in whole.history]
    for kind in whole.checkpoints:
        ours, expected = Bundle.load(resumed.checkpoints[kind]), Bundle.load(whole.checkpoints[kind])
        assert ours.adapter is not None
        assert expected.adapter is not None
        assert ours.adapter.id == expected.adapter.id
        weights = expected.space.state_dict()
        assert all(torch.equal(value, weights[key]) for key, value in ours.space.state_dict().items())
    assert resumed.frozen_mrr == whole.frozen_mrr
    assert resumed.closed_form_mrr == whole.closed_form_mrr


def test_when_val_prefers_another_weight_the_checkpoint_says_what_evaluation_finds(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("peft")
    monkeypatch.setattr(final_check, "choose_weight", lambda *_, **__: 0.25)
    few = TrainConfig(**{**CONFIG.to_dict(), "epochs": 1, "finetune_epochs": 2})
    path = train(fresh, "made", text="tiny-words", config=few).checkpoints["best_r1"]
    bundle, found = Bundle.load(path), evaluate(fresh, path, "val", baselines=False, resamples=20)
    assert Ensemble(bundle.space).weights == (0.25, 0.75)
    assert bundle.val["frozen_weight"] == 0.25
    assert found["t2a"]["MRR"] == pytest.approx(bundle.val["val_t2a_MRR"], abs=1e-6)
    assert found["loss"] == pytest.approx(bundle.val["val_loss"], abs=1e-4)


def test_resuming_with_other_fine_tuning_is_refused(tuned: tuple[Path, TrainResult]) -> None:
    other = TrainConfig(**{**CONFIG.to_dict(), "finetune_rank": 4})
    with pytest.raises(ConfigError, match="finetune_rank: 8 there, 4 now"):
        train(tuned[0], "made", text="tiny-words", config=other, resume=True)


def test_without_peft_the_message_names_the_extra(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ConfigError, match="needs peft") as caught:
        train(fresh, "made", text="tiny-words", config=CONFIG)
    assert "antiphon[finetune]" in str(caught.value)
    assert not [*fresh.rglob("*.pt"), *fresh.rglob("history.jsonl")]


def test_a_fine_tuned_checkpoint_answers_without_peft(
    tuned: tuple[Path, TrainResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    assert len(Searcher(tuned[0], tuned[1].checkpoints["best_r1"]).search(QUERY, k=3)) == 3


def test_imported_text_vectors_cannot_be_fine_tuned(tmp_path: Path) -> None:
    from antiphon.library.vectors.imports import import_embeddings

    pytest.importorskip("peft")
    library = make_library(tmp_path)
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(str(i) for i in library.caption_column("caption_id")))
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(len(library.caption_column("text")), 4)))
    import_embeddings(tmp_path, "mine", tmp_path / "v.npy", kind="text", ids=ids)
    with pytest.raises(EmbeddingError, match="were imported"):
        train(tmp_path, "made", text="mine", config=CONFIG)


def test_sweeps_and_fusions_refuse_it(tuned: tuple[Path, TrainResult]) -> None:
    root, _ = tuned
    with pytest.raises(ConfigError, match="frozen text vectors"):
        sweep(root, "made", text="tiny-words", trials=1, config=CONFIG)
    best = checkpoint_paths(root, NAME)["best_r1"]
    shutil.copy(best, best.with_name("again_best_r1.pt"))
    with pytest.raises(CheckpointError, match="cannot be fused"):
        fuse(root, [NAME, "again"])
    best.with_name("again_best_r1.pt").unlink()


def test_without_val_and_without_closed_forms_it_trains_too(tmp_path: Path, library: Path) -> None:
    from antiphon.embed import embed_text
    from antiphon.registry import LoadOptions

    pytest.importorskip("peft")
    make_library(tmp_path / "bare", train=8, val=0, names=("made", "other"))
    model = library.parent / "model" / "tiny-words"
    embed_text(tmp_path / "bare", str(model), options=LoadOptions(device="cpu"))
    config = TrainConfig(**{**CONFIG.to_dict(), "finetune_epochs": 1, "epochs": 1, "closed_form": "none"})
    for result in train_all(tmp_path / "bare", ["made", "made+other"], text="tiny-words", config=config).values():
        assert result.frozen_mrr is None
        assert Bundle.load(result.checkpoints["last"]).val["frozen_weight"] == pytest.approx(0.7)

"""Training on made vectors, start to finish; what happens when it is stopped is in test_train_resume."""

from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig, load_config
from antiphon.align.train import train
from antiphon.align.train_all import train_all
from antiphon.align.training.results.divergence import read_divergence
from antiphon.align.training.results.history import EpochRecord, read_history
from antiphon.errors import ConfigError, LibraryError
from antiphon.evaluate.console import training_lines
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.layout import Layout
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=3, dim=8, hidden=8, epoch_steps=4)


def test_training_learns_and_leaves_what_the_design_names(tmp_path: Path) -> None:
    make_library(tmp_path, train=80)
    seen: list[EpochRecord] = []
    config = TrainConfig(epochs=6, dim=16, hidden=32, epoch_steps=15, dropout=0.1, lr=3e-3)
    result = train(tmp_path, "made", text="words", config=config, on_epoch=seen.append)
    assert seen == result.history == read_history(tmp_path / "runs" / "made" / "history.jsonl")
    assert [r.epoch for r in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].train_loss < seen[0].train_loss < seen[0].loss_chance * 1.5
    assert seen[-1].mean_mrr is not None
    assert seen[-1].mean_mrr > 0.5
    for kind in ("best_r1", "best_loss", "last"):
        assert result.checkpoints[kind] == tmp_path / "checkpoints" / f"made_{kind}.pt"
        assert Bundle.load(result.checkpoints[kind]).encoder == "made"
    assert load_config(tmp_path / "runs" / "made" / "config.toml") == result.config
    assert list((tmp_path / "logs" / "tensorboard" / "made").iterdir())


def test_best_checkpoints_are_of_the_epochs_the_history_names(tmp_path: Path) -> None:
    make_library(tmp_path)
    result = train(tmp_path, "made", text="words", config=SMALL)
    best = max(result.history, key=lambda r: (r.val["t2a"]["R@1"], r.mean_mrr, -r.epoch))
    lowest = min(result.history, key=lambda r: r.val_loss)
    assert Bundle.load(result.checkpoints["best_r1"]).epoch == best.epoch == result.best_epoch
    assert Bundle.load(result.checkpoints["best_loss"]).epoch == lowest.epoch
    assert Bundle.load(result.checkpoints["last"]).epoch == 3


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(tmp_path: Path) -> None:
    make_library(tmp_path)
    losses = [
        [r.val_loss for r in train(tmp_path, "made", text="words", config=config, overwrite=True).history]
        for config in (SMALL, SMALL, TrainConfig(**{**SMALL.to_dict(), "seed": 1}))
    ]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_training_leaves_the_callers_random_numbers_alone(tmp_path: Path) -> None:
    make_library(tmp_path)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(tmp_path, "made", text="words", config=SMALL)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    "more",
    [
        {"loss": "siglip"},
        {"audio_head": "linear", "text_head": "linear"},
        {"audio_head": "identity"},
        {"precision": "float32", "soft_weight": 0.0},
        {"batch_size": 7},
        {"temperature": 0.1},
        {"layers": "all"},
    ],
    ids=str,
)
def test_every_way_of_training_runs_and_lowers_the_step_loss(tmp_path: Path, more: dict[str, object]) -> None:
    make_library(tmp_path, layout=Layout(2, 4, 3), same_text=3)
    config = TrainConfig(**{**SMALL.to_dict(), "epochs": 4, "lr": 3e-3, "dropout": 0.0, **more})
    result = train(tmp_path, "made", text="words", config=config)
    assert result.history[-1].step_loss < result.history[0].step_loss
    bundle = Bundle.load(result.checkpoints["last"])
    assert np.isfinite(bundle.embed_audio(np.zeros((1, 24)))).all()
    assert 0.01 <= bundle.temperature <= 0.5


def test_reading_from_disk_gives_the_numbers_of_memory(tmp_path: Path) -> None:
    make_library(tmp_path)
    held, read = (
        train(
            tmp_path, "made", text="words", name=f"in-{gb}", config=TrainConfig(**{**SMALL.to_dict(), "memory_gb": gb})
        ).history
        for gb in (1.0, 0.0)
    )
    assert [r.val_loss for r in held] == [r.val_loss for r in read]
    assert [r.step_loss for r in held] == [r.step_loss for r in read]


def test_early_stopping_ends_before_the_last_epoch(tmp_path: Path) -> None:
    make_library(tmp_path)
    config = TrainConfig(**{**SMALL.to_dict(), "epochs": 50, "lr": 1e-8, "patience": 2})
    result = train(tmp_path, "made", text="words", config=config)
    assert result.stopped_early
    assert len(result.history) < 50
    assert "had not risen for 2 epochs (--patience)" in "\n".join(training_lines(result, None))


def test_without_a_val_split_all_checkpoints_are_the_last_epoch(tmp_path: Path) -> None:
    make_library(tmp_path, val=0)
    result = train(tmp_path, "made", text="words", config=SMALL)
    assert [Bundle.load(path).epoch for path in result.checkpoints.values()] == [3, 3, 3]
    assert result.history[-1].val_loss is None
    assert not result.stopped_early


def test_one_val_track_is_enough(tmp_path: Path) -> None:
    make_library(tmp_path, val=1, captions=1)
    result = train(tmp_path, "made", text="words", config=SMALL)
    assert result.history[-1].val["t2a"]["MRR"] == 1.0
    assert result.history[-1].loss_chance == pytest.approx(0.0, abs=1e-6)


def test_chance_is_the_logarithm_of_the_candidates(tmp_path: Path) -> None:
    make_library(tmp_path, val=12, captions=1)
    result = train(tmp_path, "made", text="words", config=SMALL)
    assert result.history[0].loss_chance == pytest.approx(np.log(12))


def test_one_training_track_cannot_be_contrasted(tmp_path: Path) -> None:
    make_library(tmp_path, train=1, val=3)
    with pytest.raises(LibraryError, match="nothing to contrast"):
        train(tmp_path, "made", text="words", config=SMALL)


def test_missing_vectors_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    make_library(tmp_path)
    with pytest.raises(LibraryError, match=r"(?s)no audio vectors called 'muq'.*antiphon embed --encoder muq"):
        train(tmp_path, "muq", text="words")


def test_divergence_stops_with_advice_and_keeps_the_last_good_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path)
    from antiphon.align.model import SharedSpace

    plain, calls = SharedSpace.loss, []

    def broken(self, *args, **kwargs):
        calls.extend([kwargs] if self.training else [])
        value = plain(self, *args, **kwargs)
        return value * float("nan") if len(calls) > SMALL.epoch_steps * 3 // 2 else value

    monkeypatch.setattr(SharedSpace, "loss", broken)
    step = SMALL.epoch_steps * 3 // 2 + 1 - SMALL.epoch_steps
    said = rf"(?s)Training diverged in epoch 2, in step {step} of {SMALL.epoch_steps}.*Epoch 1 is saved.*Lower lr"
    with pytest.raises(ConfigError, match=said):
        train(tmp_path, "made", text="words", config=SMALL)
    assert Bundle.load(tmp_path / "checkpoints" / "made_last.pt").epoch == 1
    broken = read_divergence(tmp_path / "runs" / "made")
    assert str(broken) == f"epoch 2, in step {step} of {SMALL.epoch_steps}"
    finding = next(each for each in diagnose(tmp_path, "made").findings if each.id == "diverged")
    assert finding.title.startswith(f"Training diverged in {broken}")
    monkeypatch.undo()
    train(tmp_path, "made", text="words", config=SMALL)  # goes on from epoch 1, past the step that broke
    assert read_divergence(tmp_path / "runs" / "made") is None


def test_all_encoders_are_trained_one_after_another(tmp_path: Path) -> None:
    make_library(tmp_path, names=("a", "b"))
    seen: list[tuple[str, int]] = []
    results = train_all(tmp_path, text="words", config=SMALL, on_epoch=lambda name, r: seen.append((name, r.epoch)))
    assert list(results) == ["a", "b"]
    assert seen == [(name, epoch) for name in "ab" for epoch in (1, 2, 3)]
    assert list(train_all(tmp_path, ["b"], text="words", config=SMALL)) == ["b"]


def test_a_track_without_captions_is_left_out_and_named(tmp_path: Path) -> None:
    from antiphon.library.tracks import Caption, Track, save_library

    library = make_library(tmp_path)
    tracks = [library.track(t) for t in library.column("track_id")]
    rows = zip(library.caption_column("caption_id"), library.caption_column("track_id"), strict=True)
    captions = [Caption(caption_id=c, track_id=t, text=c) for c, t in rows if t != "t003"]
    save_library(tmp_path, [*tracks, Track(track_id="new", split="train")], captions, {})
    result = train(tmp_path, "made", text="words", config=SMALL)
    assert set(result.left_out) == {"t003", "new"}
    assert "t003" not in Bundle.load(result.checkpoints["last"]).train_ids
    assert Library(tmp_path).split_fingerprint() == Bundle.load(result.checkpoints["last"]).split_fingerprint


def test_small_steps_run_on_one_thread_and_the_callers_setting_comes_back(tmp_path: Path) -> None:
    make_library(tmp_path)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    seen: list[int] = []
    train(tmp_path, "made", text="words", config=SMALL, on_epoch=lambda _: seen.append(torch.get_num_threads()))
    after = torch.get_num_threads()
    torch.set_num_threads(before)
    assert (seen, after) == ([1, 1, 1], 2)


def test_measuring_from_held_vectors_gives_the_same_bits(tmp_path: Path) -> None:
    from antiphon.align.data.material import read_material
    from antiphon.align.training.defaults import resolve_from_data
    from antiphon.align.training.setup import fresh_space
    from antiphon.align.validation import Validation

    make_library(tmp_path, layout=Layout(2, 4, 3))
    material = read_material(tmp_path, "made", "words")
    space = fresh_space(material, resolve_from_data(SMALL, 40))
    assert material.val is not None
    held, read = (Validation(material.val, space, memory_bytes=size) for size in (1e9, 0))
    assert held(space, kind="infonce") == read(space, kind="infonce")

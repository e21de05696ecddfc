"""Training on two processes is training on one: same batches, same weights, one writer, resumable either way."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import distributed as dist

from antiphon.align.config import TrainConfig
from antiphon.align.data.batches import Captions, epoch_batches
from antiphon.align.data.features import Rows, moments
from antiphon.align.losses.infonce import info_nce
from antiphon.align.losses.targets import Positives
from antiphon.align.train import train
from antiphon.align.training.distributed import ALONE, Processes, is_first, owned, started_processes
from antiphon.align.training.results.history import read_history
from antiphon.layout import Layout
from tests.helpers.libraries.made_vectors import add_phrases, make_library
from tests.helpers.trained.steady_rate import steady_rate

PLAIN = TrainConfig(
    epochs=4,
    dim=8,
    hidden=8,
    epoch_steps=3,
    batch_size=16,
    dropout=0.0,
    precision="float32",
    patience=0,
    closed_form="none",
)
"""Without closed forms: the first process alone fits them, and the kinds below that have them show it."""
KINDS = {
    "plain": PLAIN,
    "closed forms": replace(PLAIN, epochs=2, closed_form="auto"),
    "tiny batches": replace(PLAIN, batch_size=2, epochs=2, soft_weight=0.3),
    "read as needed": replace(PLAIN, memory_gb=0.0),
    "siglip": replace(PLAIN, loss="siglip"),
    "caption phrases": replace(PLAIN, epochs=2, caption_phrases=0.5, soft_weight=0.3, closed_form="auto"),
    "hubness": replace(PLAIN, hubness="always"),
    "stops early": replace(PLAIN, epochs=40, patience=2, lr=1e-8),
}


def go(root: Path, config: TrainConfig, **more: object) -> list[int]:
    told: list[int] = []
    train(root, "made", text="words", config=config, on_epoch=lambda r: told.append(r.epoch), **more)
    return told


def copy_of(base: Path, name: str) -> Path:
    return base / name.replace(" ", "_")


def _work(rank: int, base: Path) -> None:
    dist.init_process_group("gloo", init_method=f"file://{base}/meeting", rank=rank, world_size=2)
    told = {kind: go(copy_of(base, kind) / "two", config) for kind, config in KINDS.items()}
    with steady_rate():
        go(base / "two_one", replace(PLAIN, epochs=2))
        go(base / "one_two", PLAIN, resume=True)
    _with_ddp(base)
    _moments_of_both(base)
    dist.barrier()
    if rank == 0:
        assert told["plain"] == [1, 2, 3, 4]
    else:
        assert told["plain"] == []
    dist.destroy_process_group()


def _with_ddp(base: Path) -> None:
    """A head inside DistributedDataParallel, the loss gathering the other process's negatives."""
    with started_processes() as us:
        half = us.own(10)
        torch.manual_seed(0)
        head = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(6, 4))
        text, audio = torch.randn(2, 10, 6)
        positives = Positives(torch.arange(len(range(10)[half]) + 1), torch.arange(10)[half])
        info_nce(head(text[half]), head(audio[half]), 5.0, positives, group=us.group).backward()
        np.save(base / f"ddp_{us.index}.npy", head.module.weight.grad.numpy())
    del head
    gc.collect()  # DDP sits in a cycle and holds the group: left to the interpreter's end, it aborts one exit in twenty


def _moments_of_both(base: Path) -> None:
    with started_processes() as us:
        values = np.random.default_rng(0).normal(3, 2, size=(11, 4)).astype(np.float32)
        rows = Rows.all_of(values)
        np.save(base / f"moments_{us.index}.npy", moments(rows.subset(np.arange(11)[us.own(11)]), group=us.group))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("processes")
    made = folder / "made"
    add_phrases(make_library(made, train=41, layout=Layout(3, 4, 2), same_text=3, listed=True))
    for kind, config in KINDS.items():
        for number in ("one", "two"):
            shutil.copytree(made, copy_of(folder, kind) / number)
        go(copy_of(folder, kind) / "one", config)
    for name in ("one_two", "two_one"):
        shutil.copytree(made, folder / name)
    with steady_rate():
        go(folder / "one_two", replace(PLAIN, epochs=2))
    torch.multiprocessing.spawn(_work, (folder,), nprocs=2)
    with steady_rate():
        go(folder / "two_one", PLAIN, resume=True)
    return folder


def checkpoint(root: Path, kind: str) -> dict[str, object]:
    return torch.load(root / "checkpoints" / f"made_{kind}.pt", weights_only=True)


def assert_alike(a: Path, b: Path) -> None:
    """Everything that was learned, to float32's rounding, and everything that was written."""
    left, right = (sorted(p.relative_to(x) for p in x.rglob("*") if "tensorboard" not in p.parts) for x in (a, b))
    assert left == right
    for kind in ("best_r1", "best_loss", "last"):
        mine, theirs = checkpoint(a, kind), checkpoint(b, kind)
        assert mine.keys() == theirs.keys()
        assert {**mine["config"], "epochs": 0} == {**theirs["config"], "epochs": 0}
        assert mine["train_ids"] == theirs["train_ids"]
        for key, value in mine["weights"].items():
            torch.testing.assert_close(theirs["weights"][key], value, rtol=2e-3, atol=2e-4)
    for mine, theirs in zip(*(read_history(x / "runs" / "made" / "history.jsonl") for x in (a, b)), strict=True):
        assert theirs.val_loss == pytest.approx(mine.val_loss, rel=1e-3)
        assert theirs.train_loss == pytest.approx(mine.train_loss, rel=1e-3)
        assert theirs.grad_norm == pytest.approx(mine.grad_norm, rel=1e-3)
        assert theirs.steps == mine.steps


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_two_processes_learn_what_one_learns(base: Path, kind: str) -> None:
    assert_alike(copy_of(base, kind) / "one", copy_of(base, kind) / "two")


def test_early_stopping_is_agreed_on(base: Path) -> None:
    lengths = [len(read_history(copy_of(base, "stops early") / x / "runs/made/history.jsonl")) for x in ("one", "two")]
    assert lengths[0] == lengths[1] < 40


@pytest.mark.parametrize("way", ["one_two", "two_one"])
def test_a_run_goes_on_with_another_number_of_processes(base: Path, way: str) -> None:
    whole = base / "whole"
    if not whole.exists():
        shutil.copytree(base / "made", whole)
        with steady_rate():
            go(whole, PLAIN)
    assert_alike(whole, base / way)


def test_the_loss_inside_distributed_data_parallel_gives_the_joint_gradient(base: Path) -> None:
    torch.manual_seed(0)
    head = torch.nn.Linear(6, 4)
    text, audio = torch.randn(2, 10, 6)
    info_nce(head(text), head(audio), 5.0, Positives.diagonal(10)).backward()
    for rank in (0, 1):
        np.testing.assert_allclose(np.load(base / f"ddp_{rank}.npy"), head.weight.grad.numpy(), rtol=1e-4, atol=1e-6)


def test_moments_of_shares_are_those_of_the_whole(base: Path) -> None:
    values = np.random.default_rng(0).normal(3, 2, size=(11, 4)).astype(np.float32)
    for rank in (0, 1):
        np.testing.assert_allclose(np.load(base / f"moments_{rank}.npy"), [values.mean(0), values.std(0)], rtol=1e-5)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_shards_of_a_batch_make_the_batch(size: int) -> None:
    rng = np.random.default_rng(1)
    track_of_caption = np.sort(np.concatenate([np.arange(20), rng.integers(0, 20, 15)]))
    captions = Captions(track_of_caption, rng.integers(0, 12, 35))
    for batch in epoch_batches(captions, rng, batch_size=6, epoch_steps=4):
        shards = [Processes(index=rank, size=size).shard(batch, 20) for rank in range(size)]
        assert np.concatenate([p.tracks for p in shards]).tolist() == batch.tracks.tolist()
        assert np.concatenate([p.captions for p in shards]).tolist() == batch.captions.tolist()
        assert torch.equal(torch.cat([p.positives.counts for p in shards]), batch.positives.counts)
        assert torch.equal(torch.cat([p.positives.indices for p in shards]), batch.positives.indices)
        for rank, shard in enumerate(shards):
            mine = owned(Processes(index=rank, size=size), track_of_caption, 20)
            assert set(shard.captions) <= set(mine)
            assert track_of_caption[shard.captions].tolist() == shard.tracks.tolist()


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_every_track_has_one_owner(size: int) -> None:
    owned_by_one = [i for rank in range(size) for i in range(5)[Processes(index=rank, size=size).own(5)]]
    assert owned_by_one == [0, 1, 2, 3, 4]


def test_without_torchrun_a_process_is_alone_and_first() -> None:
    with started_processes() as us:
        assert us is ALONE
    assert not dist.is_initialized()
    assert is_first()


@pytest.mark.slow
def test_torchrun_trains_and_only_the_first_process_speaks(tmp_path: Path) -> None:
    make_library(tmp_path / "lib")
    (tmp_path / "config.toml").write_text("epochs = 2\ndim = 8\nhidden = 8\n")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "antiphon"]
    command += ["train", "--encoder", "made", "--text", "words", "--config", str(tmp_path / "config.toml")]
    done = subprocess.run([*command, "--library", str(tmp_path / "lib")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Epoch 2/2:") == 1
    assert done.stdout.count("epochs in") == 1
    assert done.stderr.count("Next:") == 1

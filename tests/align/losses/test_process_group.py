"""The losses on two processes against one with the joint batch."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import normalize

from antiphon.align.losses.infonce import info_nce
from antiphon.align.losses.process_group import DistributedGroup, SingleProcess
from antiphon.align.losses.siglip import siglip
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets

M, N, K = 13, 11, 6
SPLIT_TEXT, SPLIT_AUDIO = (5, M), (7, N)
KINDS = ("plain", "excluded", "siglip")


def unit(rows: int, columns: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return normalize(torch.randn(rows, columns, dtype=dtype, generator=torch.Generator().manual_seed(seed)), dim=1)


def several(seed: int = 0, m: int = M, n: int = N) -> Tensor:
    """Correct cells: every text has some, audio 3 has none."""
    mask = torch.rand(m, n, generator=torch.Generator().manual_seed(seed)) < 0.15
    mask[torch.arange(m), torch.arange(m) % n] = True
    mask[:, 3], mask[3, 4] = False, True
    return mask


def _inputs() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return unit(M, K, 20), unit(N, K, 21), several(20), unit(M, 3, 22)


def _stands() -> Tensor:
    """For each piece of audio a text of the same process."""
    return torch.cat([torch.arange(7) % 5, 5 + torch.arange(N - 7)])


def _left_out(correct: Tensor) -> Tensor:
    """A third of the cells that are not correct."""
    drawn = torch.rand(correct.shape, generator=torch.Generator().manual_seed(23)) < 1 / 3
    return drawn & ~correct


def _joint(kind: str, scale: Tensor, bias: Tensor) -> list[Tensor]:
    text, audio, correct, features = _inputs()
    text.requires_grad_(), audio.requires_grad_()
    positives = Positives.from_mask(correct)
    if kind == "siglip":
        loss = siglip(text, audio, scale, bias, positives, block=4, exclude=Exclusion.from_mask(_left_out(correct)))
    else:
        soft = SoftTargets(features, row_of_column=_stands()) if kind == "excluded" else None
        exclude = Exclusion.from_mask(_left_out(correct)) if kind == "excluded" else None
        loss = info_nce(text, audio, scale, positives, soft=soft, exclude=exclude, block=4)
    return [loss.detach(), *torch.autograd.grad(loss, (text, audio, scale))]


def _share(rank: int, meeting: Path, results: dict[tuple[int, str], object]) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
    text, audio, correct, features = _inputs()
    rows = slice(0, SPLIT_TEXT[0]) if rank == 0 else slice(*SPLIT_TEXT)
    columns = slice(0, SPLIT_AUDIO[0]) if rank == 0 else slice(*SPLIT_AUDIO)
    text, audio = text[rows].clone().requires_grad_(), audio[columns].clone().requires_grad_()
    scale = torch.tensor(9.0, dtype=torch.float64, requires_grad=True)
    positives, stands = Positives.from_mask(correct[rows]), _stands()[columns] - rows.start
    for kind in KINDS:
        if kind == "siglip":
            exclude = Exclusion.from_mask(_left_out(correct)[rows])
            loss = siglip(text, audio, scale, -2.0, positives, block=3, exclude=exclude, group=DistributedGroup())
        else:
            soft = SoftTargets(features[rows], row_of_column=stands) if kind == "excluded" else None
            exclude = Exclusion.from_mask(_left_out(correct)[rows]) if kind == "excluded" else None
            loss = info_nce(
                text, audio, scale, positives, soft=soft, exclude=exclude, block=3, group=DistributedGroup()
            )
        gradients = [g / 2 for g in torch.autograd.grad(loss, (text, audio, scale))]
        results[rank, kind] = [x.numpy() for x in (loss.detach(), *gradients)]
    torch.distributed.destroy_process_group()


def test_two_processes_give_the_gradients_of_one(tmp_path: Path) -> None:
    with torch.multiprocessing.Manager() as manager:
        results = manager.dict()
        torch.multiprocessing.spawn(_share, (tmp_path / "meeting", results), nprocs=2)
        answers = dict(results)
    for kind in KINDS:
        shares = [[torch.as_tensor(x) for x in answers[rank, kind]] for rank in (0, 1)]
        scale = torch.tensor(9.0, dtype=torch.float64, requires_grad=True)
        loss, text, audio, by_scale = _joint(kind, scale, torch.tensor(-2.0, dtype=torch.float64))
        for share in shares:
            torch.testing.assert_close(share[0], loss)
        torch.testing.assert_close(torch.cat([share[1] for share in shares]), text)
        torch.testing.assert_close(torch.cat([share[2] for share in shares]), audio)
        torch.testing.assert_close(shares[0][3] + shares[1][3], by_scale)


def test_one_process_alone_is_its_own_total() -> None:
    values = torch.arange(6.0).view(3, 2)
    alone = SingleProcess()
    for answer in (alone.gather(values), alone.total(values), alone.logsumexp(values), alone.scatter_total(values, 3)):
        assert torch.equal(answer, values)

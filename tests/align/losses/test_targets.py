"""What a batch may look like: which cells are correct, how it is cut into blocks, and what is refused."""

from __future__ import annotations

import pytest
import torch

from antiphon.align.losses.blockwise import Grid
from antiphon.align.losses.infonce import info_nce
from antiphon.align.losses.siglip import siglip
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets
from tests.helpers.losses.loss_cases import N, batch, several, unit


def test_positives_transposed_name_the_same_cells() -> None:
    mask = several()
    back = Positives.from_mask(mask).transpose(N)
    assert torch.equal(back.indptr, Positives.from_mask(mask.T).indptr)
    assert torch.equal(back.indices, Positives.from_mask(mask.T).indices)


def test_diagonal_is_one_to_one() -> None:
    mask = torch.zeros(4, 4, dtype=torch.bool)
    diagonal = Positives.diagonal(4)
    mask[diagonal.rows, diagonal.indices] = True
    assert torch.equal(mask, torch.eye(4, dtype=torch.bool))


def test_every_cell_falls_into_its_own_block() -> None:
    grid = Grid.cut(7, 5, (3, 2))
    rows, columns = torch.arange(7).repeat_interleave(5), torch.arange(5).repeat(7)
    cells = grid.cells(rows, columns, torch.arange(35.0))
    seen = torch.full((7, 5), -1.0)
    for number, top, left in grid:
        mine = slice(cells.start[number], cells.start[number + 1])
        block = seen[top, left].clone()
        block.view(-1)[cells.position[mine]] = cells.weight[mine]
        seen[top, left] = block
    assert torch.equal(seen, torch.arange(35.0).view(7, 5))


def test_a_text_without_a_positive_is_refused() -> None:
    text, audio, scale = batch(0, 2, 2)
    with pytest.raises(ValueError, match="text 1 has no positive"):
        info_nce(text, audio, scale, Positives(torch.tensor([0, 1, 1]), torch.tensor([0])))


def test_positives_outside_the_batch_are_refused() -> None:
    text, audio, scale = batch(0, 2, 2)
    outside = Positives(torch.tensor([0, 1, 2]), torch.tensor([0, 2]))
    with pytest.raises(ValueError, match="outside 0–1"):
        info_nce(text, audio, scale, outside)
    with pytest.raises(ValueError, match="outside 0–1"):
        siglip(text, audio, scale, 0.0, outside)


def test_sizes_that_do_not_fit_are_refused() -> None:
    text, audio, scale = batch(0, 4, 4)
    with pytest.raises(ValueError, match="must be"):
        info_nce(text, audio[:, :3], scale, Positives.diagonal(4))
    with pytest.raises(ValueError, match="describe 3 texts"):
        info_nce(text, audio, scale, Positives.diagonal(3))
    with pytest.raises(ValueError, match="do not fit"):
        siglip(text, audio, scale, 0.0, Positives.diagonal(3))
    with pytest.raises(ValueError, match="row_of_column"):
        info_nce(text, audio[:3], scale, Positives.from_mask(torch.ones(4, 3) > 0), soft=SoftTargets(unit(4, 2, 0)))


@pytest.mark.parametrize(
    ("indptr", "indices", "message"),
    [([0, 2], [0], "from 0 to 1"), ([0, 2, 1], [0], "not decrease"), ([1, 1], [0], "from 0")],
)
def test_rows_that_are_no_matrix_are_refused(indptr: list[int], indices: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Positives(torch.tensor(indptr), torch.tensor(indices))
    with pytest.raises(ValueError, match="int64"):
        Positives(torch.tensor(indptr), torch.tensor(indices).float())


def test_excluded_cells_that_are_none_are_refused() -> None:
    text, audio, scale = batch(0, 2, 2)
    one = torch.tensor([1])
    for loss in (lambda e: info_nce(text, audio, scale, Positives.diagonal(2), exclude=e),
                 lambda e: siglip(text, audio, scale, 0.0, Positives.diagonal(2), exclude=e)):  # fmt: skip
        with pytest.raises(ValueError, match="lie outside the batch of 2 texts and 2 columns"):
            loss(Exclusion(one, one + 1))
        with pytest.raises(ValueError, match="text 1 and column 1 are a positive and excluded"):
            loss(Exclusion(one, one))
    with pytest.raises(ValueError, match="1 rows and 2 columns"):
        Exclusion(one, torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="int64"):
        Exclusion(one, one.float())


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="weight"):
        SoftTargets(unit(2, 2, 0), weight=1.5)
    with pytest.raises(ValueError, match="block"):
        Grid.cut(3, 3, 0)

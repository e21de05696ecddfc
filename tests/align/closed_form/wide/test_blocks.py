"""Blocks of columns: layers, stretches, and never more than one in memory."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.align.closed_form.wide.blocks import InMemory, blocks
from antiphon.align.data.features import Rows


def test_a_layer_is_a_block() -> None:
    assert blocks(12, layers=[3]) == [[slice(0, 4), slice(4, 8), slice(8, 12)]]


def test_each_source_has_blocks_of_its_own() -> None:
    assert blocks(11, sources=[4, 7], layers=[2, 1]) == [[slice(0, 2), slice(2, 4)], [slice(4, 11)]]


def test_without_layers_a_source_is_one_block() -> None:
    assert blocks(11, sources=[4, 7]) == [[slice(0, 4)], [slice(4, 11)]]


@pytest.mark.parametrize("layers", [[1], [2], ()])
def test_wide_layers_are_cut_without_a_gap(layers: list[int]) -> None:
    (found,) = blocks(20_000, layers=layers)
    assert [own.start for own in found] == [0, *(own.stop for own in found[:-1])]
    assert found[-1].stop == 20_000
    assert max(own.stop - own.start for own in found) <= 4096


def test_rows_of_a_file_and_a_matrix_read_alike() -> None:
    matrix = np.arange(60, dtype=np.float16).reshape(10, 6)
    rows = np.array([7, 2, 5])
    for columns in (slice(1, 4), slice(0, 6, 2)):
        for some in (np.array([2, 0]), slice(None)):
            expected = InMemory(matrix[rows]).block(some, columns)
            np.testing.assert_array_equal(Rows(matrix, rows).block(some, columns), expected)

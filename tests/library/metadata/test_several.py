"""One by one: values that stand in one cell."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.library.metadata.several import LONGEST, values_in, values_of
from antiphon.library.metadata.store import Value


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("Jazz; Vocal", ["Jazz", "Vocal"]),
        ("Jazz|Vocal ;Jazz;", ["Jazz", "Vocal"]),
        (["Rock", "Pop; Rock"], ["Rock", "Pop"]),
        ("AC/DC", ["AC/DC"]),
        ("Earth, Wind & Fire", ["Earth, Wind & Fire"]),
        (1994, [1994]),
        (";", []),
        (None, []),
        ("so long; " * 30, [("so long; " * 30).strip()]),
    ],
)
def test_cells(cell: Value | None, values: list[object]) -> None:
    assert values_of(cell) == values


PIECES = st.text(alphabet="aß ;|/", max_size=6) | st.just("x;" * LONGEST)


@given(st.lists(PIECES | st.none(), max_size=6))
def test_a_column_has_the_values_of_its_cells(cells: list[str | None]) -> None:
    values, owners = values_in(pa.array(cells, pa.string()))
    found: dict[int, list[str]] = {}
    for row, value in zip(owners.tolist(), values.to_pylist(), strict=True):
        found.setdefault(row, []).append(value)
    several = {row: cell for row, cell in enumerate(cells) if cell and {*";|"} & {*cell} and len(cell) <= LONGEST}
    apart = {row: own for row, cell in several.items() if (own := values_of(cell))}
    assert {row: list(dict.fromkeys(own)) for row, own in found.items()} == apart

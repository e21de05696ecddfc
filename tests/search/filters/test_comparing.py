"""Numbers of a field compare as Python's numbers do, however large they are."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.metadata.store import metadata_file
from antiphon.library.tracks import Track, save_library
from antiphon.search.filters.comparing import where_number
from antiphon.search.filters.evaluate import TrackFilter
from antiphon.search.filters.expression import Operator

SIGNS: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
WHOLE = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, 1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)])
WANTED = WHOLE | st.floats(allow_nan=False) | st.sampled_from([1.5, 2.0**53, 2.0**63, -(2.0**63), float("inf")])


@given(values=st.lists(st.none() | WHOLE, max_size=8), wanted=WANTED, sign=st.sampled_from(list(SIGNS)))
def test_whole_numbers(values: list[int | None], wanted: float, sign: Operator) -> None:
    found = where_number(pa.array(values, pa.int64()), sign, wanted).to_pylist()
    assert found == [None if value is None else SIGNS[sign](value, wanted) for value in values]


@given(values=st.lists(st.none() | st.floats(), max_size=8), wanted=WANTED, sign=st.sampled_from(list(SIGNS)))
def test_floating_numbers(values: list[float | None], wanted: float, sign: Operator) -> None:
    found = where_number(pa.array(values, pa.float64()), sign, wanted).to_pylist()
    assert found == [None if value is None else SIGNS[sign](value, float(wanted)) for value in values]


@pytest.mark.parametrize(
    ("expression", "tracks"),
    [
        ("plays > 1.5", [0, 2]),
        ("plays = 9007199254740993", [0]),
        ("plays < 1e400", [0, 1, 2]),
        (f"plays < {'9' * 5000}", [0, 1, 2]),
        (f"gain < {'9' * 5000}", [0, 1]),
        ("gain < 9007199254740993", [0, 1]),
        ("odd < 9007199254740993", [0, 1]),
        (f"odd < {'9' * 5000}", [0, 1]),
    ],
)
def test_a_filter_answers_whatever_numbers_there_are(tmp_path: Path, expression: str, tracks: list[int]) -> None:
    fields = MetadataCollector()
    columns = {"plays": ["9007199254740993", "1", "70"], "gain": ["0.5", "2", None], "odd": ["120.5", "1970", "1999?"]}
    for name, column in columns.items():
        fields.add(name, np.arange(3), pa.array(column, pa.string()))
    ids = [f"t{i}" for i in range(3)]
    table, _ = fields.table(ids)
    beside = {"metadata.parquet": metadata_file(table)}
    library = save_library(tmp_path, [Track(track_id=item, title=item) for item in ids], [], {}, beside=beside)
    assert np.flatnonzero(TrackFilter(library).allowed(expression)).tolist() == tracks

"""Values for pyarrow, by buffers."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pytest

from antiphon.arrow import arrow_number, arrow_rows, arrow_text, arrow_texts, flags_in, integers_in, row_of_text

TEXTS = ["", "so what", "Größe", "\u0623\u063a", "\U0001f3b5", "a\x00b", "so what"]


def test_texts_and_rows_are_those_of_pyarrows_own_way() -> None:
    assert arrow_texts(TEXTS).equals(pa.array(TEXTS, pa.string()))
    assert arrow_texts([]).equals(pa.array([], pa.string()))
    assert arrow_rows([4, 0, 4]).equals(pa.array([4, 0, 4], pa.int64()))
    assert arrow_rows([]).equals(pa.array([], pa.int64()))


def test_single_values_are_those_of_pyarrows_own_way() -> None:
    assert [arrow_text(text) for text in TEXTS] == [pa.scalar(text) for text in TEXTS]
    numbers = [0, -3, 2**63 - 1, 0.5, -7e300]
    assert [arrow_number(number) for number in numbers] == [pa.scalar(number) for number in numbers]


@pytest.mark.parametrize("start", [0, 1, 7, 8, 13, 40])
def test_flags_and_whole_numbers_are_read_from_any_part_of_a_column(start: int) -> None:
    flags = pa.array([None if i % 5 == 2 else i % 3 == 0 for i in range(40)])
    for column in (flags, flags.fill_null(True), pa.array([], pa.bool_())):
        part = column.slice(start, 17)
        wanted = [bool(each) for each in part.to_pylist()]
        assert flags_in(part).tolist() == wanted
        assert flags_in(part).dtype == bool
    for kind in (pa.int64(), pa.int32()):
        numbers = pa.array(range(-20, 20), kind)
        part = numbers.slice(start, 17)
        np.testing.assert_array_equal(integers_in(part), np.asarray(part))
        np.testing.assert_array_equal(
            integers_in(pa.chunked_array([part, numbers])), [*np.asarray(part), *range(-20, 20)]
        )
    assert integers_in(pa.chunked_array([], pa.int32())).tolist() == []


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_first_row_of_a_text_is_found_in_chunks_of_any_kind(kind: pa.DataType) -> None:
    column = pa.chunked_array([TEXTS[:2], TEXTS[2:]], kind)
    assert [row_of_text(column, text) for text in TEXTS] == [0, 1, 2, 3, 4, 5, 1]
    assert row_of_text(column, "So what") == -1
    assert row_of_text(column, "\udce4") == -1, "what a shell gives for a byte that is no UTF-8"
    assert row_of_text(pa.chunked_array([], kind), "") == -1


@pytest.mark.skipif(find_spec("pandas") is None, reason="nothing to load")
def test_pandas_stays_where_it_is() -> None:
    code = (
        "import sys; import pyarrow as pa; import pyarrow.compute as pc; from antiphon.arrow import *\n"
        "column = pa.chunked_array([arrow_texts(['a', 'b'])])\n"
        "assert row_of_text(column, 'b') == 1 and column.take(arrow_rows([1]))[0].as_py() == 'b'\n"
        "assert flags_in(pc.equal(column.chunk(0), arrow_text('b'))).tolist() == [False, True]\n"
        "assert integers_in(pc.multiply(arrow_rows([1, 2]), arrow_number(3))).tolist() == [3, 6]\n"
        "raise SystemExit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

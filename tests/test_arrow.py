"""Values for pyarrow, by buffers."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pyarrow as pa
import pytest

from antiphon.arrow import arrow_rows, arrow_texts, row_of_text

TEXTS = ["", "so what", "Größe", "\u0623\u063a", "\U0001f3b5", "a\x00b", "so what"]


def test_texts_and_rows_are_those_of_pyarrows_own_way() -> None:
    assert arrow_texts(TEXTS).equals(pa.array(TEXTS, pa.string()))
    assert arrow_texts([]).equals(pa.array([], pa.string()))
    assert arrow_rows([4, 0, 4]).equals(pa.array([4, 0, 4], pa.int64()))
    assert arrow_rows([]).equals(pa.array([], pa.int64()))


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
        "import sys; import pyarrow as pa; from antiphon.arrow import arrow_rows, arrow_texts, row_of_text\n"
        "column = pa.chunked_array([arrow_texts(['a', 'b'])])\n"
        "assert row_of_text(column, 'b') == 1 and column.take(arrow_rows([1]))[0].as_py() == 'b'\n"
        "raise SystemExit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

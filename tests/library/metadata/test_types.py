"""The type of a field holds every one of its values, as it stands."""

from __future__ import annotations

import pyarrow as pa
import pytest

from antiphon.library.metadata.types import odd_values, typed


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["120", None, "-3"], "number", [120, None, -3]),
        (["120", "98.5", "1e-3"], "number", [120.0, 98.5, 0.001]),
        (["1999", "2004"], "number", [1999, 2004]),
        (["1999", "2004-05", "2004-05-06T10:30:00Z"], "date", ["1999", "2004-05", "2004-05-06T10:30:00Z"]),
        (["2004-13"], "text", ["2004-13"]),
        (["007", "12"], "text", ["007", "12"]),
        (["120", "fast"], "text", ["120", "fast"]),
        (["+1", "1"], "text", ["+1", "1"]),
        (["inf", "1"], "text", ["inf", "1"]),
        (["1e400", "1"], "text", ["1e400", "1"]),
        (["9223372036854775807"], "number", [2**63 - 1]),
        (["9223372036854775808"], "text", ["9223372036854775808"]),
        (["9007199254740993", "0.5"], "text", ["9007199254740993", "0.5"]),
        (["١٢"], "text", ["١٢"]),
        (["1\n2"], "text", ["1\n2"]),
    ],
)
def test_a_type_changes_no_value(texts: list[str | None], kind: str, values: list[object]) -> None:
    column, found = typed(pa.array(texts, pa.string()))
    assert (found, column.to_pylist()) == (kind, values)


def test_a_few_values_that_are_no_numbers_are_worth_a_word() -> None:
    assert odd_values(pa.array(["1"] * 9 + ["fast"])) == (1, "fast")
    assert odd_values(pa.array(["1", "fast"])) == (0, "")
    assert odd_values(pa.array(["1"])) == (0, "")

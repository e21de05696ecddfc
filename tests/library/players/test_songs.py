"""What a cell says of a song."""

from __future__ import annotations

from typing import Any

import pytest

from antiphon.library.players.songs import first_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [("a", "a"), (12, "12"), (["x", "y"], "x"), ([], ""), (None, ""), ({"a": 1}, ""), ([{"a": 1}], ""), (True, "")],
)
def test_the_text_of_a_cell_is_a_text_or_a_number_and_nothing_else(cell: Any, text: str) -> None:
    assert first_text(cell) == text

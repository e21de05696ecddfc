"""Values that the parser would make something else of, refused with one that would do."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.errors import ConfigError


@pytest.mark.parametrize(
    ("value", "example"), [("2.7", "-k 2"), (".5", "-k 1"), ("-3.2", "-k -3"), ("f.txt", "-k 1"), ("a.b", "-k 1")]
)
def test_a_fraction_and_a_file_are_no_whole_number(value: str, example: str) -> None:
    with pytest.raises(ConfigError, match="-k takes a whole number") as told:
        app(["search", "calm", "-k", value])
    assert told.value.fix == example


def test_an_empty_source_of_ids_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SOURCE is empty"):
        app(["ids", "", "--library", str(tmp_path)])

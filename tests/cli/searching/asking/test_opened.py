"""What a search of the command line opens, and with how little."""

import os
from pathlib import Path

import pytest

from antiphon.cli.searching.asking.opened import opened
from tests.helpers.libraries.plain import plain_library


@pytest.mark.parametrize(("chosen", "taken"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_pyarrow_gives_freed_memory_back_unless_its_allocator_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str | None, taken: str
) -> None:
    plain_library(tmp_path, {"a": "train"})
    monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", chosen or "")
    if chosen is None:
        monkeypatch.delenv("ARROW_DEFAULT_MEMORY_POOL")
    opened(tmp_path, (), untrained=True, index=None)
    assert os.environ["ARROW_DEFAULT_MEMORY_POOL"] == taken

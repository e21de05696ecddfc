"""How messages name a library, and the commands on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import AntiphonError
from antiphon.library.commands import as_typed, command
from antiphon.library.ingest import ingest
from antiphon.library.tracks import Library


def test_the_current_folder_is_named_in_full_and_left_out_of_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert as_typed(Path()) == str(tmp_path)
    assert command("train", Path()) == "antiphon train"


def test_another_folder_stands_as_it_was_typed_and_can_be_typed_again() -> None:
    assert as_typed(Path("my lib")) == "my lib"
    assert command("train", Path("my lib")) == "antiphon train --library 'my lib'"


@pytest.mark.parametrize("use", [Library, lambda root: ingest(root, root)])
def test_a_file_in_the_place_of_a_library_is_called_a_file(tmp_path: Path, use: object) -> None:
    (tmp_path / "notes.csv").write_text("id,caption\na,slow\n")
    with pytest.raises(AntiphonError, match=r"notes\.csv is a file; a library is a folder"):
        use(tmp_path / "notes.csv")  # type: ignore[operator]

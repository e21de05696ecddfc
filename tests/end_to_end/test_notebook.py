"""The notebook in examples/ runs from its first cell to its last, on a smaller library than the one that it shows."""

import json
import os
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.helpers.documentation.scripts import script

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "examples" / "search_in_words.ipynb"


def runner() -> ModuleType:
    return script("examples/run_notebook.py")


def read() -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return notebook


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.filterwarnings("ignore::antiphon.AntiphonWarning")
def test_every_cell_runs_and_shows_what_it_shows_in_the_file(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained / "music", tmp_path / "demo" / "music", copy_function=os.link)  # rendered already
    monkeypatch.chdir(tmp_path)
    shown, notebook = code_cells(read()), read()
    runner().run_cells(notebook, replace={"pieces=640": "pieces=96, seed=3"})
    for before, after in zip(shown, code_cells(notebook), strict=True):
        if "matplotlib" in "".join(after["source"]):  # a picture where it is installed, a line where not
            continue
        assert [o["output_type"] for o in after["outputs"]] == [o["output_type"] for o in before["outputs"]]


def test_outputs_in_the_file_are_those_of_one_run_in_order() -> None:
    cells = code_cells(read())
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell["outputs"] for cell in cells)


def test_a_cell_that_fails_says_which(tmp_path: Path) -> None:
    broken = {"cells": [{"cell_type": "code", "source": ["1 + 1"]}, {"cell_type": "code", "source": ["1 / 0"]}]}
    with pytest.raises(ZeroDivisionError) as told:
        runner().run_cells(broken)
    assert broken["cells"][0]["outputs"][0]["data"]["text/plain"] == ["2"]  # type: ignore[index]
    assert told.traceback[-1].path == "cell 2" or "cell 2" in str(told.traceback[-1])

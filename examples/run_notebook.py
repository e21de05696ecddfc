"""Run a notebook's code cells in order, in one namespace, and write what they print into it.

``python examples/run_notebook.py examples/search_in_words.ipynb`` does it in a new folder, with nothing but Python: no
kernel, no Jupyter. A test runs the same cells on a smaller library.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any


def run_cells(notebook: dict[str, Any], *, replace: dict[str, str] | None = None) -> None:
    """Run every code cell and put its outputs into the notebook.

    Parameters
    ----------
    notebook : as it was read from its JSON; changed in place.
    replace : text in the cells → what is run in its place.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, start=1):
        source = "".join(cell["source"])
        for old, new in (replace or {}).items():
            source = source.replace(old, new)
        cell["outputs"], cell["execution_count"] = _run(source, f"cell {number}", names, number), number


def _run(source: str, where: str, names: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """What one cell prints, and the value of its last line if that is an expression."""
    tree = ast.parse(source, where)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, where, "exec"), names)
        value = eval(compile(ast.Expression(last.value), where, "eval"), names) if isinstance(last, ast.Expr) else None
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": printed.getvalue().splitlines(keepends=True)})
    if value is not None:
        shown = {"text/plain": repr(value).splitlines(keepends=True)}
        if hasattr(value, "_repr_html_"):
            shown["text/html"] = value._repr_html_().splitlines(keepends=True)
        outputs.append({"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": shown})
    return outputs


def main(path: Path) -> None:
    """Run a notebook file in an empty folder and write it back."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run_cells(notebook)
        os.chdir(path.parent)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

"""The package's front door: what it offers, and that looking at it costs nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import antiphon

HEAVY = ("torch", "numpy", "pyarrow", "pandas", "scipy", "transformers", "sentence_transformers", "rich")


def modules_after(code: str) -> set[str]:
    said = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_imports_neither_numpy_nor_torch_nor_any_other_heavy_library() -> None:
    assert not modules_after("import antiphon; dir(antiphon)").intersection(HEAVY)


def test_opening_a_library_does_without_torch(made: Path) -> None:
    after = modules_after(f"import antiphon\nlibrary = antiphon.open({str(made)!r})\nrepr(library), len(library)")
    assert not after.intersection({"torch", "transformers", "pandas", "scipy"})


@pytest.mark.parametrize("name", antiphon.__all__)
def test_every_public_name_is_there_and_listed(name: str) -> None:
    assert getattr(antiphon, name) is not None
    assert name in dir(antiphon)


def test_what_editors_see_is_what_loads() -> None:
    tree = ast.parse(Path(antiphon.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }
    assert seen == {name: f"antiphon.{home}" for name, home in antiphon._HOMES.items()}
    assert set(antiphon.__all__) == {*seen, "__version__"}
    assert list(antiphon.__all__) == sorted(antiphon.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'searchh'"):
        _ = antiphon.searchh  # type: ignore[attr-defined]

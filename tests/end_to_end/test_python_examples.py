"""The examples in all docstrings, run: those of `import antiphon` on a library that went through the chain."""

import doctest
import importlib
from pathlib import Path
from typing import Any

import pytest

import antiphon
from tests.helpers.documentation.scripts import script
from tests.helpers.trained.trained_copy import copy_trained

REFERENCE = script("docs/python_reference.py")
FUNCTIONS: dict[str, Any] = REFERENCE.functions_and_methods()
CLASSES: dict[str, type] = REFERENCE.classes()
SOURCE = Path(antiphon.__file__).parents[1]
NEEDS_A_HUB = {"antiphon.evaluate.mteb.model.MtebModel"}
"""Run on every task of a benchmark that is fetched."""


def examples_of(name: str, thing: object) -> doctest.DocTest:
    text = getattr(thing, "__doc__", None) or ""
    return doctest.DocTestParser().get_doctest(text, {}, name, None, 0)


@pytest.fixture
def mylib(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the library, and the music that it was made from, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return copy_trained(trained, tmp_path / "mylib")


def test_every_public_name_is_in_the_reference() -> None:
    assert {*(name.removeprefix("antiphon.") for name in FUNCTIONS), *CLASSES, "__version__"} >= set(antiphon.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_an_example(name: str) -> None:
    assert examples_of(name, FUNCTIONS[name]).examples, f"{name} has no >>> example"


@pytest.mark.parametrize(
    "name", [name for name, thing in {**FUNCTIONS, **CLASSES}.items() if examples_of(name, thing).examples]
)
@pytest.mark.filterwarnings("ignore::antiphon.AntiphonWarning")
def test_the_example_gives_what_it_says(name: str, mylib: Path) -> None:
    example = examples_of(name, {**FUNCTIONS, **CLASSES}[name])
    library = antiphon.open(mylib)
    example.globs = {"antiphon": antiphon, "library": library, "model": library.model("timbre"), "__name__": "__main__"}
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    failed, _ = runner.run(example, out=said.append)
    assert not failed, "".join(said)


def modules() -> list[str]:
    files = (path for path in sorted(SOURCE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8"))
    return [".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in files]


@pytest.mark.parametrize("module", modules())
def test_all_other_examples_run_in_their_own_module(
    module: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = {thing.__doc__ for thing in [*FUNCTIONS.values(), *CLASSES.values()]}
    found = doctest.DocTestFinder().find(importlib.import_module(module), module)
    others = [each for each in found if each.docstring not in public and each.name not in NEEDS_A_HUB]
    monkeypatch.chdir(tmp_path)
    if any("mylib" in (each.docstring or "") for each in others):
        request.getfixturevalue("mylib")
    said: list[str] = []
    for each in others:
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(each, out=said.append)
    assert not said, "".join(said)

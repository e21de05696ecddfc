"""The examples in the docstrings of all that `import antiphon` gives, run on a library that went through the chain."""

import doctest
from pathlib import Path
from typing import Any

import pytest

import antiphon
from tests.helpers.documentation.scripts import script
from tests.helpers.trained.trained_copy import copy_trained

REFERENCE = script("docs/python_reference.py")
FUNCTIONS: dict[str, Any] = REFERENCE.functions_and_methods()
CLASSES: dict[str, type] = REFERENCE.classes()


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

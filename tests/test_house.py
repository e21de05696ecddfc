"""The house rules of CONTRIBUTING.md that a machine can check."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE, TESTS = ROOT / "src" / "antiphon", ROOT / "tests"
PACKAGES = sorted(path.parent for path in SOURCE.rglob("__init__.py"))
OF_THE_WHOLE = {"contract", "end_to_end"}
"""Folders of tests about more than one folder of the source."""
STILL_EMPTY: set[str] = set()
"""Rooms for what is still to come; a room that has been moved into leaves this list."""


def _named(path: Path) -> str:
    return path.relative_to(SOURCE.parent).as_posix()


@pytest.mark.parametrize("package", PACKAGES, ids=_named)
def test_a_folder_holds_two_to_ten_files_and_says_in_two_lines_what_it_is_for(package: Path) -> None:
    files = [path for path in package.glob("*.py") if path.name != "__init__.py"]
    assert not files if _named(package) in STILL_EMPTY else 2 <= len(files) <= 10
    told = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert len([line for line in told.splitlines() if line.strip()]) >= 2 or package == SOURCE


def test_every_file_of_source_is_in_a_package_and_at_most_300_lines_long() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    long = {_named(path) for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 300}
    assert not long
    assert {path.parent for path in files} == set(PACKAGES)


def test_tests_stand_in_the_folders_of_what_they_test_and_keep_its_measure() -> None:
    rooms = {path.relative_to(SOURCE) for path in PACKAGES}
    files = [path for path in TESTS.rglob("*.py") if path.name != "__init__.py"]
    folders = {path.parent.relative_to(TESTS) for path in files if path.name.startswith("test_")}
    assert {folder for folder in folders - rooms if folder.parts[0] not in OF_THE_WHOLE} == set()
    crowded = {folder for folder in folders if len(list((TESTS / folder).glob("test_*.py"))) > 10}
    assert crowded == set()
    assert [path for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []


def test_helpers_of_tests_stand_in_rooms_of_two_to_ten_files() -> None:
    rooms = {path.parent for path in (TESTS / "helpers").rglob("*.py") if path.name != "__init__.py"}
    sizes = {room.name: len([path for path in room.glob("*.py") if path.name != "__init__.py"]) for room in rooms}
    assert {name: size for name, size in sizes.items() if name == "helpers" or not 2 <= size <= 10} == {}


def test_no_test_edits_the_path_of_imports() -> None:
    edited = [path for path in TESTS.rglob("*.py") if _edits_path(ast.parse(path.read_text(encoding="utf-8")))]
    assert not edited


def _edits_path(tree: ast.Module) -> bool:
    """Whether ``sys.path`` is called upon or assigned to; reading it is no matter."""
    statements = (
        ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign)
    )
    return any(re.match(r"sys\.path(\.\w+\(|\[| \+?= )", statement) for statement in statements)

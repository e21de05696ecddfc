"""Documentation that is made from the code, and links between pages, are kept true."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_generated_pages_are_current() -> None:
    check = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not re.match(r"\w+:", target):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


def _anchors(page: Path) -> set[str]:
    """What a heading is called behind ``#``: small letters, digits, ``-`` for a space, and no other signs."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    words = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_a_heading_find_it(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", page.read_text(encoding="utf-8")):
        there = page.parent / target if target else page
        if there.suffix == ".md":
            assert anchor in _anchors(there), f"{page.name} links to #{anchor} in {there.name}, which is not there"


def test_the_readme_is_short_and_opens_with_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 110
    assert [line.split("#")[0].strip() for line in lines[4:6]] == ["make demo", "make test"]


def test_the_readme_shows_every_folder() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    folders = [path.parent.name for path in (ROOT / "src" / "antiphon").glob("*/__init__.py")]
    assert folders
    for folder in folders:
        assert f" {folder}/ " in text, f"README's tree lacks {folder}/"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pictures_are_there(page: Path) -> None:
    for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).is_file(), f"{page.name} shows {target}, which is not there"


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "antiphon"


def _defined(path: Path) -> set[str]:
    """Names of a module's functions, classes, methods (as ``Class.method``)."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


def test_every_path_that_the_architecture_names_is_there() -> None:
    paths = set(re.findall(r"`([\w/]+(?:\.py|/))`", ARCHITECTURE))
    elsewhere = {"src/antiphon/", "embeddings/", "checkpoints/", "runs/", "index/"}
    inside_align = {path for path in paths if (SOURCE / "align" / path).exists()}
    gone = {path for path in paths - elsewhere - inside_align if not (SOURCE / path).exists()}
    assert len(paths) > 30
    assert not gone


def test_every_function_that_the_architecture_names_is_where_it_says() -> None:
    named = re.findall(r"`([\w.]+)`\s+\(`([\w/]+\.py)`\)", ARCHITECTURE)
    assert len(named) > 25
    gone = [f"{name} ({path})" for name, path in named if name not in _defined(SOURCE / path)]
    assert not gone


RETIRED = {
    r"\banchor(ed|s)?\b": "ensemble, member, weight",
    r"\b(is it sure|(not )?surely)\b": "significant",
    r"\bparts? of (a |the )?captions?\b|\bcaption parts\b": "phrase",
    r"\bthe other side (tells|predicts)\b": "how well the other modality predicts it",
    r"\bnumbers (that )?count\b": "features are weighted",
    r"\bcopies of (a|one|the) recording\b": "duplicates",
    r"\b(mixup|moving average|triton)\b": "nothing: the option has left",
}
"""What a word became: see docs/glossary.md."""
READ_BY_USERS = [
    ROOT / "README.md",
    *(page for kind in ("guides", "concepts", "reference") for page in (ROOT / "docs" / kind).glob("*.md")),
]


@pytest.mark.parametrize("page", READ_BY_USERS, ids=lambda page: str(page.relative_to(ROOT)))
def test_words_that_were_replaced_do_not_come_back(page: Path) -> None:
    text = re.sub(r"\]\([^)]*\)", "]", page.read_text(encoding="utf-8"))
    for word, instead in RETIRED.items():
        found = re.search(word, text, re.IGNORECASE)
        assert found is None, f"{page.name}: for “{found.group()}” write: {instead}"


TESTS = ROOT / "tests"
NAMED = r"`(?:([\w/]+/)?(test_\w+\.py)(?:::(\w+))?|…(\w+))`"
"""A test file, with the name of a test or without; or ``…name``, of the file before it."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    file: Path | None = None
    for folder, name, test, further in re.findall(NAMED, page.read_text(encoding="utf-8")):
        if name:
            places = [ROOT / folder / name, TESTS / folder / name, TESTS / "search" / "server" / folder / name]
            file = next((place for place in places if place.exists()), None)
            assert file, f"{page.name} names {folder}{name}, which is not there"
        wanted = (test or further).removeprefix("test_")
        if file and wanted:
            there = {found.rpartition(".")[2].removeprefix("test_") for found in _defined(file)}
            assert wanted in there, f"{page.name} names {file.name}::{wanted}, which is not there"


def test_the_index_of_experiments_has_them_all() -> None:
    index = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    missing = [page.name for page in (ROOT / "docs" / "experiments").glob("*.md") if f"/{page.name}" not in index]
    assert not missing

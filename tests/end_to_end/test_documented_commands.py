"""Every command that README, guides and concepts show is run as it stands there, or at least understood."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cyclopts import MissingArgumentError

from antiphon.cli import app
from antiphon.demo.render import render_library
from antiphon.library.ingest import ingest
from tests.helpers.checkpoints.mert import write_mert
from tests.helpers.checkpoints.muq import write_muq
from tests.helpers.documentation.blocks import ROOT, Block, blocks_of, starting_folder
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.trained.trained_copy import copy_trained

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGES = [ROOT / "README.md", *(page for kind in ("guides", "concepts") for page in (ROOT / "docs" / kind).glob("*.md"))]
BLOCKS = {page: blocks_of(page) for page in sorted(PAGES)}
LANGUAGES = {"sh", "python", "text", "csv", "json", "toml"}
TYPED = re.compile(r"^\s*(\$ )?(\S*/)?(antiphon|pip|make|python3?|torchrun|hf|ray) ", re.MULTILINE)
HIDDEN = re.compile(r"^ {4,}(antiphon|pip|torchrun|from antiphon|import antiphon) .*", re.MULTILINE)


def _named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _are_run(page: Path) -> list[Block]:
    return [block for block in BLOCKS[page] if block.language in ("sh", "python") and not block.not_run]


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of two dozen pieces beside their files, as the owner of a music collection has it."""
    folder = tmp_path_factory.mktemp("pieces")
    render_library(folder, pieces=24, jobs=1).rename(folder / "tracks.csv")
    return folder


def _music(pieces: Path, folder: Path) -> Path:
    """The table and the files."""
    (folder / "audio").symlink_to(pieces / "audio")
    shutil.copy(pieces / "tracks.csv", folder)
    return folder


def _library(pieces: Path, folder: Path) -> Path:
    """A library of the first eight pieces, and in it tiny checkpoints of two models in the formats of the hub."""
    lines = (pieces / "tracks.csv").read_text(encoding="utf-8").splitlines()
    (_music(pieces, folder) / "tracks.csv").write_text("\n".join(lines[:9]) + "\n", encoding="utf-8")
    ingest(folder / "tracks.csv", folder / "mylib")
    write_mert(folder / "mylib" / "mert")
    write_muq(folder / "mylib" / "mulan")
    return folder / "mylib"


def _vectors(_pieces: Path, folder: Path) -> Path:
    """A library that has vectors of three music encoders."""
    return make_library(folder / "mylib", test=12, names=("muq", "mert", "latent"), text="minilm").root


FOLDERS: dict[str, Callable[[Path, Path], Path]] = {"music": _music, "library": _library, "vectors": _vectors}


@pytest.mark.parametrize("page", BLOCKS, ids=_named)
def test_blocks_say_what_they_hold(page: Path) -> None:
    for block in BLOCKS[page]:
        assert block.language in LANGUAGES, f"{block}: write ```sh, ```python or ```text, not ```{block.language}"
        if block.language == "text":
            assert not TYPED.search(block.text), f"{block} holds commands: write ```sh, so that they are run"
    hidden = HIDDEN.search(page.read_text(encoding="utf-8"))
    assert hidden is None, f"{_named(page)}: put this between ```sh or ```python and ```: {hidden.group()}"


@pytest.mark.parametrize("page", [page for page in BLOCKS if _are_run(page)], ids=_named)
def test_what_a_page_shows_works_in_its_order(
    page: Path, pieces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    start = starting_folder(page)
    if start == "demo":
        monkeypatch.chdir(copy_trained(request.getfixturevalue("trained"), tmp_path / "demo-library").parent)
    else:
        monkeypatch.chdir(FOLDERS[start](pieces, tmp_path))
    names: dict[str, object] = {}
    for block in _are_run(page):
        if block.language == "python":
            exec(compile(block.text, str(block), "exec"), names)
        for command in block.commands() if block.language == "sh" else ():
            _type(command, block)


def _type(command: list[str], block: Block) -> None:
    """Type one command; those of Antiphon run in this process, which has loaded torch already."""
    try:
        if command[0] == "cd":
            os.chdir(command[1])
        elif (ours := _ours(command)) is not None:
            app(ours, result_action="return_value")
        else:
            subprocess.run(command, check=True)
    except (Exception, SystemExit) as error:
        raise AssertionError(f"{block}: {shlex.join(command)}: {error!r}") from error


def _ours(command: list[str]) -> list[str] | None:
    """What Antiphon is given: ``.venv/bin/antiphon …`` and ``torchrun … -m antiphon …`` call it too."""
    if Path(command[0]).name == "antiphon":
        return command[1:]
    for i in range(1, len(command) - 1):
        if command[i : i + 2] == ["-m", "antiphon"]:
            return command[i + 2 :]
    return None


@pytest.mark.parametrize("block", [b for blocks in BLOCKS.values() for b in blocks if b.not_run], ids=str)
def test_what_is_not_run_is_understood(block: Block) -> None:
    if block.language == "python":
        compile(block.text, str(block), "exec")
        return
    for command in block.commands():
        if (ours := _ours(command)) is not None:
            app.parse_args(ours, exit_on_error=False, print_error=False)
        elif command[0] == "make":
            assert re.search(rf"^{command[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), command
        elif "pip" in command:
            _require_extra(command)


@pytest.mark.parametrize("page", [*BLOCKS, ROOT / "docs" / "glossary.md"], ids=_named)
def test_commands_within_sentences_have_options_that_there_are(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for command in re.findall(r"`antiphon ([^`…]+)`", prose):
        with contextlib.suppress(MissingArgumentError):  # `antiphon train` alone names the command
            app.parse_args(shlex.split(command), exit_on_error=False, print_error=False)


def _require_extra(command: list[str]) -> None:
    """What ``pip install 'antiphon[EXTRA]'`` names is there; the package itself comes from a checkout."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for word in command:
        named = re.fullmatch(r"(?:antiphon|\.)\[(?P<extras>[\w,]+)\]", word)
        assert word != "antiphon", "antiphon is on no index: install it from a checkout"
        assert named is None or set(named["extras"].split(",")) <= set(extras), word

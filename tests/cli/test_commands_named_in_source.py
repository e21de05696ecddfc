"""Commands that errors, findings and notes tell people to type exist, with every option they name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from antiphon.cli import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
NAMED = re.compile(r"antiphon ([a-z][a-z-]*)\b([^.;:,)\n`]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def shown(node: ast.expr) -> str:
    """The text of an expression, as far as the source says it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(shown(value) if isinstance(value, ast.Constant) else "X" for value in node.values)
    return ""


def advised(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Line, command and what follows it: of calls ``command("name", …)``, and of sentences with "antiphon name …"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            function = node.func
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if called == "command" and (given := " ".join(map(shown, node.args)).split()):
                yield node.lineno, given[0], " ".join(given[1:])
        if isinstance(node, ast.Constant | ast.JoinedStr):
            for name, rest in NAMED.findall(shown(node)):
                if name in COMMANDS:
                    yield node.lineno, name, rest


def options_of(name: str) -> set[str]:
    """What the reference, which is generated from the commands, lists for one."""
    page = re.search(rf"^## antiphon {re.escape(name)}\n(.*?)(?=^## |\Z)", PAGES, re.M | re.S)
    assert page, name
    return set(OPTION.findall(page[1]))


def test_every_option_that_source_advises_exists() -> None:
    known = {name: options_of(name) for name in COMMANDS}
    wrong, seen = [], 0
    for path in sorted((ROOT / "src").rglob("*.py")):
        for line, name, rest in advised(ast.parse(path.read_text(encoding="utf-8"))):
            for option in OPTION.findall(rest):
                seen += 1
                if option not in known.get(name, ()):
                    wrong.append(f"{path.relative_to(ROOT)}:{line}: antiphon {name} {option}")
    assert not wrong, "\n".join(wrong)
    assert seen > 50

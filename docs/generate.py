"""Writes the pages that are made from the code and from benchmarks.

They are the command line, the training settings, Python's public names, the tree of source files, and tables of quality.
``python docs/generate.py`` writes them; ``python docs/generate.py --check`` exits with 1 when one is out of date.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

os.environ["COLUMNS"] = "100"
ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
NOTICE = "<!-- Made by `make docs` from the code; edit the docstrings instead. -->\n\n"


def command_line() -> str:
    """``docs/reference/cli.md``: every command with its options."""
    from antiphon.cli import app

    return NOTICE + app.generate_docs(output_format="markdown", recursive=True).strip() + "\n"


def settings() -> str:
    """``docs/reference/config.md``: every key of a recipe file with its default and meaning."""
    from antiphon.align.config import TrainConfig, allowed

    lines = ["# Training settings\n", "Keys of `antiphon train --config recipe.toml`. Unknown keys are refused.\n"]
    lines += ["| key | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    for field in dataclasses.fields(TrainConfig):
        default = "chosen from the data" if field.default is None else f"`{field.default!r}`"
        lines.append(f"| `{field.name}` | {default} | {allowed(field)} | {field.metadata['doc']} |")
    return NOTICE + "\n".join(lines) + "\n"


QUALITY = ("<!-- quality: made by `make docs` from benchmarks/results/quality.json -->", "<!-- end of quality -->")
MEANING = {
    "antiphon": "**`antiphon train`**",
    "antiphon, trained heads alone": "its trained heads alone",
    "cca": "regularised CCA",
    "NT-Xent, batch 32": "heads with NT-Xent, batch 32 (pytorch-metric-learning)",
    "ClipLoss, batch 32": "heads with ClipLoss, batch 32 (open_clip)",
    "MNRL, batch 32": "heads with multiple negatives ranking, batch 32 (sentence-transformers)",
    "ridge": "ridge regression",
    "plain loop": "a plain training loop, batch 32",
}
"""What the README calls the methods of the quality benchmark."""


def readme() -> str:
    """The README with its table of quality made anew from the benchmark's figures."""
    sets = json.loads((ROOT / "benchmarks" / "results" / "quality.json").read_text(encoding="utf-8"))["sets"]
    real = [figures for name, figures in sets.items() if not name.startswith("demo:")]
    ratios = {name: [1.0 if name == "cca" else one[name]["over cca"]["ratio"] for one in real] for name in MEANING}
    lines = ["| method | MRR ÷ CCA, mean | least | most |", "| --- | ---: | ---: | ---: |"]
    for name in sorted(MEANING, key=lambda name: -sum(ratios[name])):
        figures = (sum(ratios[name]) / len(real), min(ratios[name]), max(ratios[name]))
        lines.append(f"| {MEANING[name]} | {' | '.join(f'{figure:.2f}' for figure in figures)} |")
    return _between(ROOT / "README.md", QUALITY, lines)


DEALS = {
    "quality": (
        "<!-- one deal: made by `make docs` from benchmarks/results/quality.json -->",
        "<!-- end of one deal -->",
    ),
    "quality_three_deals": (
        "<!-- three deals: made by `make docs` from benchmarks/results/quality_three_deals.json -->",
        "<!-- end of three deals -->",
    ),
}
"""Marks of the tables of results: file of the benchmark → first and last line."""
PEERS = {"ridge": "ridge", "ClipLoss, batch 32": "ClipLoss"}


def results() -> str:
    """``docs/results.md`` with its tables of the default against CCA, ridge and ClipLoss made anew."""
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    for name, marks in DEALS.items():
        sets = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))["sets"]
        text = _between(text, marks, _against_cca({name: one for name, one in sets.items() if name[:5] != "demo:"}))
    return text


def _against_cca(sets: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """A row a set: the default, CCA, and what each differs from it by."""
    peers = [peer for peer in PEERS if all(peer in figures for figures in sets.values())]
    named = "".join(f" {PEERS[peer]}, and its difference to CCA |" for peer in peers)
    lines = [f"| set: audio vectors | `antiphon train` | CCA | difference | × CCA |{named}"]
    lines.append("| --- | ---: | ---: | ---: | ---: |" + " ---: |" * len(peers))
    for name, figures in sets.items():
        ours = figures["antiphon"]
        row = [name.replace(":", ": ").replace("+", " + "), f"**{ours['MRR']:.3f}**", f"{figures['cca']['MRR']:.3f}"]
        row += [_difference(ours["over cca"]), f"{ours['over cca']['ratio']:.3f}"]
        row += [f"{figures[peer]['MRR']:.3f}, {_difference(figures[peer]['over cca'])}" for peer in peers]
        lines.append(f"| {' | '.join(row)} |")
    mean = sum(one["antiphon"]["over cca"]["ratio"] for one in sets.values()) / len(sets)
    return [*lines, "", f"Mean ratio to CCA: {mean:.2f}."]


def _difference(test: dict[str, Any]) -> str:
    low, high = test["ci95"]
    return f"{test['difference']:+.3f} ({low:+.3f} … {high:+.3f})"


def _between(page: Path | str, marks: tuple[str, str], lines: list[str]) -> str:
    """The page with these lines between its marks."""
    text = page if isinstance(page, str) else page.read_text(encoding="utf-8")
    before, _, rest = text.partition(marks[0])
    return before + "\n".join([marks[0], *lines, marks[1]]) + rest.partition(marks[1])[2]


def python() -> str:
    """``docs/reference/python.md``: every public name."""
    from python_reference import page

    return NOTICE + page()


def tree() -> str:
    """``docs/tree.md``: every source file with the first line of its docstring."""
    source = ROOT / "src" / "antiphon"
    rows: list[tuple[str, str]] = []
    for path in sorted(source.rglob("*.py"), key=_reading_order):
        inside = path.relative_to(source)
        if path.name == "__init__.py":
            rows.append(("  " * (len(inside.parts) - 1) + f"{path.parent.name}/", _first_line(path)))
        else:
            rows.append(("  " * len(inside.parts) + path.name, _first_line(path)))
    width = max(len(name) for name, _ in rows) + 2
    listing = "\n".join(f"{name:<{width}}{line}".rstrip() for name, line in rows)
    flow = "Data flows one way: `library → audio → encoders → embed → captions → align → evaluate → search`; `metrics` is a leaf."
    return f"{NOTICE}# Every source file\n\n{flow}\n\n```\n{listing}\n```\n"


def _reading_order(path: Path) -> tuple[str, ...]:
    """Folders in the order in which data flows; a folder's own line first, then its files by name."""
    source = ROOT / "src" / "antiphon"
    parts = path.relative_to(source).parts
    flow = ["library", "audio", "encoders", "embed", "metrics", "align", "evaluate", "search", "api", "demo", "cli"]
    place = f"{flow.index(parts[0]) + 1:02d}" if parts[0] in flow else "00"
    names = ["" if part == "__init__.py" else part for part in parts]
    return (place, *names)


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not docstring:
        raise SystemExit(f"{path} has no docstring.")
    first = " ".join(docstring.partition("\n\n")[0].split())
    first = re.sub(r":\w+:`([^`]+)`", r"\1", first).replace("``", "")
    return first.removesuffix(".")


PAGES = {
    REFERENCE / "cli.md": command_line,
    REFERENCE / "config.md": settings,
    REFERENCE / "python.md": python,
    ROOT / "docs" / "tree.md": tree,
    ROOT / "README.md": readme,
    ROOT / "docs" / "results.md": results,
}


def main() -> int:
    """Write or check every page."""
    stale = []
    for path, make in PAGES.items():
        text = make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path.relative_to(ROOT)))
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"Out of date: {', '.join(stale)}. Run: make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Writes the reference pages that are made from the code: the command line and the training settings.

``python docs/generate.py`` writes them; ``python docs/generate.py --check`` exits with 1 when one is out of date.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

os.environ["COLUMNS"] = "100"
REFERENCE = Path(__file__).parent / "reference"
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


PAGES = {"cli.md": command_line, "config.md": settings}


def main() -> int:
    """Write or check every page."""
    stale = []
    for name, make in PAGES.items():
        path, text = REFERENCE / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"Out of date: {', '.join(stale)}. Run: make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

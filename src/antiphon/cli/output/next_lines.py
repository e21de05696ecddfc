"""What a person does next, below what a command has done."""

from __future__ import annotations

from pathlib import Path

from antiphon.library.next_step import TOO_FEW, TRY_IT, command, next_step
from antiphon.library.tracks import Library


def next_lines(root: Path) -> list[str]:
    """What to do once this is done: what is missing, or where nothing is and nothing was trained yet, to train."""
    step = next_step(Library(root))
    if step == command(TRY_IT, root):
        return [TOO_FEW, f"Next: {step}"]
    if step == command("train", root):
        trained = any((root / "checkpoints").glob("*.pt"))
        return [] if trained else [f"Next: {step}   (it answers already: {command(TRY_IT, root)})"]
    return [f"Next: {step}"]

"""Where a training's checkpoints stand, and which one a name means."""

from __future__ import annotations

from pathlib import Path

from antiphon.errors import CheckpointError


def checkpoint_paths(root: Path, encoder: str) -> dict[str, Path]:
    """``best_r1``, ``best_loss`` and ``last`` → file.

    Parameters
    ----------
    root : library folder.
    encoder : of a training (``muq``, ``muq+mert``), or the name of a fusion (``muq,mert``), which has ``best_r1`` only.
    """
    return {kind: Path(root) / "checkpoints" / f"{encoder}_{kind}.pt" for kind in ("best_r1", "best_loss", "last")}


def find_checkpoint(root: Path, name: Path | str) -> Path:
    """A checkpoint by path, by path inside the library, or by the encoder's name (its ``_best_r1``).

    Parameters
    ----------
    root : library folder.
    name : of the checkpoint.

    Raises
    ------
    CheckpointError : none of these exists; the message lists what the library has.
    """
    name, folder = Path(name), root / "checkpoints"
    for path in (name, root / name, folder / name, folder / f"{name}.pt", folder / f"{name}_best_r1.pt"):
        if path.is_file():
            return path
    have = ", ".join(sorted(path.name for path in folder.glob("*.pt"))) or "none"
    raise CheckpointError(
        f"No checkpoint '{name}'. {folder} has: {have}.", fix=f"antiphon train --encoder all --library {root}"
    )

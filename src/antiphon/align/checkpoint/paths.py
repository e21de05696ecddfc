"""Where a training's checkpoints stand."""

from __future__ import annotations

from pathlib import Path


def checkpoint_paths(root: Path, encoder: str) -> dict[str, Path]:
    """``best_r1``, ``best_loss`` and ``last`` → file.

    Parameters
    ----------
    root : library folder.
    encoder : of a training (``muq``, ``muq+mert``), or the name of a fusion (``muq,mert``), which has ``best_r1`` only.
    """
    return {kind: Path(root) / "checkpoints" / f"{encoder}_{kind}.pt" for kind in ("best_r1", "best_loss", "last")}

"""A checkpoint from a file, or a sealed bundle from a folder or a hub, without a library."""

from __future__ import annotations

import warnings
from pathlib import Path

from antiphon.align.checkpoint.model import Model
from antiphon.api.arguments import PathLike, as_path
from antiphon.errors import AntiphonWarning
from antiphon.search.bundle.hub import is_address, pull
from antiphon.search.bundle.opening import open_model, standing_remarks


def load(checkpoint: PathLike) -> Model:
    """Load a checkpoint, or a bundle, with its text encoder: all that deployment needs.

    Parameters
    ----------
    checkpoint : a checkpoint's file, a bundle's folder, or a bundle on a hub: ``"hf://ORG/NAME"``.

    Raises
    ------
    CheckpointError : it is missing, damaged, no Antiphon checkpoint, or of another format version.

    Warns
    -----
    AntiphonWarning : the bundle did worse than its baselines.

    Examples
    --------
    >>> model = antiphon.load("mylib/checkpoints/timbre_best_r1.pt")
    >>> words = model.embed_text(["slow sad piano"])
    >>> words.shape == (1, model.dim)
    True
    """
    path = here(checkpoint)
    for line in standing_remarks(path):
        warnings.warn(line, AntiphonWarning, stacklevel=2)
    return open_model(path)


def here(checkpoint: PathLike) -> Path:
    """A checkpoint's or bundle's place on this machine; one on a hub is fetched."""
    if isinstance(checkpoint, str) and is_address(checkpoint):
        return pull(checkpoint)
    return as_path(checkpoint, "The checkpoint")

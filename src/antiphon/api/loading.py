"""A checkpoint from a file, without a library."""

from __future__ import annotations

from antiphon.align.checkpoint.model import Model
from antiphon.api.arguments import PathLike, as_path


def load(checkpoint: PathLike) -> Model:
    """Load a checkpoint with its text encoder: all that deployment needs.

    Parameters
    ----------
    checkpoint : the file.

    Raises
    ------
    CheckpointError : it is missing, damaged, no Antiphon checkpoint, or of another format version.

    Examples
    --------
    >>> model = antiphon.load("mylib/checkpoints/timbre_best_r1.pt")
    >>> words = model.embed_text(["slow sad piano"])
    >>> words.shape == (1, model.dim)
    True
    """
    return Model.load(as_path(checkpoint, "The checkpoint"))

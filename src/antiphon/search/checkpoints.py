"""The checkpoint that a library is searched with."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import best_checkpoints, for_search, no_checkpoint
from antiphon.errors import CheckpointError
from antiphon.library.tracks import Library
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import mean_of_directions
from antiphon.search.indexes.exact import indexed_checkpoint

LOG = logging.getLogger(__name__)


def best_checkpoint(root: Path) -> Path:
    """The checkpoint with the highest validation MRR, mean of both directions, among ``*_best_r1.pt``.

    The choice is made on val; test stays untouched for the final benchmark. A library without a training of its own
    is searched with the checkpoint that its index was made from.

    Raises
    ------
    LibraryError : there is no library.
    CheckpointError : the library has no trained checkpoint.
    """
    Library(root)
    candidates: dict[Path, Bundle] = {}
    with suppress(CheckpointError):  # none is there
        candidates = _readable(best_checkpoints(root))
    if not candidates:
        made_from = indexed_checkpoint(root)
        if made_from is not None:
            return made_from
        raise no_checkpoint(root)
    return max(candidates, key=lambda path: _validation_mrr(candidates[path]))


def checkpoint_for_search(root: Path) -> Path:
    """:func:`best_checkpoint`, or where that was fitted again on train and val what came of it; errors as there."""
    best = best_checkpoint(root)
    served = for_search(best)
    return served if served == best or _readable([served]) else best


def _readable(paths: Sequence[Path]) -> dict[Path, Bundle]:
    """Those that open. One damaged checkpoint must not keep the others from answering; it is named."""
    found: dict[Path, Bundle] = {}
    for path in paths:
        try:
            found[path] = Bundle.load(path)
        except CheckpointError as error:
            LOG.warning(
                "%s is passed over: %s%s", path.name, error.problem, f" To mend it: {error.fix}" if error.fix else ""
            )
    return found


def _validation_mrr(bundle: Bundle) -> float:
    """Mean of both directions; −1 for one that was trained without a val split."""
    found = {way: {"MRR": bundle.val.get(f"val_{way}_MRR")} for way in DIRECTIONS}
    known = all(figures["MRR"] is not None for figures in found.values())
    return mean_of_directions(found) if known else -1.0


def taught_by_people(bundle: Bundle) -> bool:
    """Whether any caption that a person wrote has taught a checkpoint."""
    return "human" in (bundle.config.caption_kinds or "human").split("+")

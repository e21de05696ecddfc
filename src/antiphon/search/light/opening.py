"""The light way into a search, where it is open; nothing here loads torch or pyarrow."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from antiphon.errors import CheckpointError, EmbeddingError
from antiphon.search.light.record import Record, holds, read_record
from antiphon.search.light.searcher import LightSearcher
from antiphon.search.light.text_side import RUNS_GRAPHS

NEEDED = (RUNS_GRAPHS, "onnx")
"""Packages of the extra ``search`` that make graphs and run them."""


def light_searcher(root: Path, checkpoint: Path | None = None) -> LightSearcher | None:
    """What answers without torch, if it was prepared from exactly what the library holds now; else None.

    Parameters
    ----------
    checkpoint : the file that is asked for; None for the library's own choice.
    """
    record = read_record(root)
    if record is None or not record.folder or importlib.util.find_spec(RUNS_GRAPHS) is None:
        return None
    if not _asked_for(record, checkpoint) or not holds(record, root):
        return None
    try:
        return LightSearcher(root, record)
    except (CheckpointError, EmbeddingError, OSError):  # damaged: the other way answers, and it is prepared again
        return None


def why_slow(root: Path, checkpoint: Path | None = None) -> list[str]:
    """A line on what would make searches start at once; none where nothing would, or the next one does anyway."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return [f"With {' and '.join(missing)} a search starts in a second: pip install 'antiphon[search]'"]
    record = read_record(root)
    if record is None or not record.why_not or not _asked_for(record, checkpoint):
        return []
    return [f"Every search loads torch first: {record.why_not}."]


def _asked_for(record: Record, checkpoint: Path | None) -> bool:
    return record.chosen if checkpoint is None else str(checkpoint.absolute()) == record.checkpoint

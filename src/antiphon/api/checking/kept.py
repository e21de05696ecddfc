"""What is kept in ``index/`` beside the index: all of it can be made anew, and search does so where it is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.file import stored_checksum
from antiphon.api.checking.found import CheckedFile, Context
from antiphon.api.checking.tables import check_json
from antiphon.arrays import reading
from antiphon.errors import AntiphonError
from antiphon.library.commands import command
from antiphon.search.light.record import Record, read_record
from antiphon.search.light.searcher import LightSearcher
from antiphon.search.light.text_side import RUNS_GRAPHS
from antiphon.search.several.ensemble import FOLDER as ENSEMBLE


def check_kept(context: Context) -> Iterator[CheckedFile]:
    """The light search, ensembles, and what answers are judged, grouped and drawn by."""
    folder = context.root / "index"
    for path in sorted(folder.glob("*.json")):
        if path.name != "index.json":
            yield check_json(context, path, _delete(path))
    record = read_record(context.root)
    if (
        record is not None and record.folder and (folder / record.vectors).exists()
    ):  # else of an index that was replaced
        yield _light(context, record)
    for path in sorted(folder.glob("*.npz")):
        yield _arrays(context, path)
    for path in sorted(folder.glob(f"{ENSEMBLE}*/*.pt")):
        yield _ensemble(context, path)


def _light(context: Context, record: Record) -> CheckedFile:
    """Asked for one text, so that its graphs, weights and tokenizer are read, too."""
    folder = context.root / "index" / record.folder
    try:
        searcher = LightSearcher(context.root, record)
        if find_spec(RUNS_GRAPHS) is not None:
            searcher.scores("music")
    except (AntiphonError, OSError) as error:
        return context.damaged(folder, error, command("index --anew", context.root))
    for path in folder.iterdir():
        context.read(path)
    return context.unsealed(folder)


def _arrays(context: Context, path: Path) -> CheckedFile:
    """An archive has a checksum of each array in it, which reading compares."""
    try:
        with reading(path), np.load(path, allow_pickle=False) as kept:
            for name in kept.files:
                kept[name]
    except (AntiphonError, OSError) as error:
        return context.damaged(path, error, _delete(path))
    context.read(path)
    return context.sound(path)


def _ensemble(context: Context, path: Path) -> CheckedFile:
    try:
        Bundle.load(path)
    except (AntiphonError, OSError) as error:
        return context.damaged(path, error, _delete(path.parent))
    context.read(path)
    return context.sound(path) if stored_checksum(path) else context.unsealed(path)


def _delete(path: Path) -> str:
    return f"Delete {path}: it is made anew when it is needed."

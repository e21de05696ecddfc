"""What answers a command's questions: opened with as little as it needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.cli.output.console import note
from antiphon.search.light.opening import light_searcher, why_slow

if TYPE_CHECKING:
    from antiphon.search.answering import Answering

ALLOCATOR = "system"
"""What pyarrow takes memory from, where a filter loads it; its own keeps what is freed: 34 MB at 100,000 tracks."""


def opened(
    library: Path, named: Sequence[Path], *, untrained: bool, index: str | None
) -> tuple[Answering, Callable[[], None]]:
    """What answers, and what is left to do once it has: the way without torch where that is prepared, else the other.

    What the other way needs is loaded only where it is gone.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", ALLOCATOR)
    checkpoint: Path | None = None
    if named:
        from antiphon.align.checkpoint.paths import find_checkpoint

        checkpoint, *others = (find_checkpoint(library, each, search=True) for each in named)
        if others:
            from antiphon.search.several.ensemble import ensemble_of

            several = [checkpoint, *others]
            checkpoint, why_not, told = ensemble_of(library, several)
            note(told)
            if checkpoint is None:
                from antiphon.search.several.searcher import RankSearcher

                return RankSearcher(library, several, why=why_not), _nothing
    if index is not None:
        from antiphon.search.milvus.address import address_of
        from antiphon.search.milvus.searcher import MilvusSearcher

        remote = MilvusSearcher(library, address_of(index), checkpoint)
        return remote, remote.close
    if not untrained:
        light = light_searcher(library, checkpoint)
        if light is not None and light.by_people:  # without pyarrow, too
            return light, _nothing
    from antiphon.search.answering import answering

    searcher = answering(library, checkpoint, untrained=untrained)
    return searcher, lambda: _prepare_next(searcher, library, checkpoint)


def _nothing() -> None:
    """There is nothing left to do."""


def _prepare_next(searcher: Answering, library: Path, checkpoint: Path | None) -> None:
    """Prepare the next search while this one has everything loaded; or say what keeps it slow."""
    trained = getattr(searcher, "searcher", searcher)
    if "antiphon.search.searcher" not in sys.modules:  # nothing that is open took torch
        return
    from antiphon.search.answers.fit.keeping import calibrate
    from antiphon.search.light.preparing import prepare
    from antiphon.search.searcher import Searcher

    if isinstance(trained, Searcher):
        calibrate(trained)
        prepare(trained)
        note(why_slow(library, checkpoint))

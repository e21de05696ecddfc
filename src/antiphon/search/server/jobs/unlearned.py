"""What there is to learn from since a training: looked for anew where files have changed, and not too often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from pathlib import Path

from antiphon.align.data.learned import FILE, Learned, all_learned, learnable
from antiphon.errors import AntiphonError
from antiphon.library.judgements.file import NAME as JUDGEMENTS
from antiphon.library.tracks import Library
from antiphon.search.light.record import stamps

SHARE, LEAST_S = 0.05, 2.0
"""Of the time that goes into looking, at most; and the least between two looks, seconds."""


class Unlearned:
    """Says what has come into one library since a training of it.

    Parameters
    ----------
    root : the library.
    clock : tells the time, seconds.
    """

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._root, self._clock = root, clock
        self._line = ""
        self._seen: tuple[str, dict[str, str]] = ("", {})
        self._next = float("-inf")
        self._turn = threading.Lock()

    def line(self, training: str = "") -> str:
        """A sentence; "" where nothing is new, where no training says what it learned, and where a table is damaged.

        Parameters
        ----------
        training : the one that answers, or a fusion, of which the member that learned longest ago counts; "" for the
            training that was the last, which counts also where this one does not say what it learned.
        """
        if self._clock() >= self._next and self._turn.acquire(blocking=self._next == float("-inf")):
            try:
                began = self._clock()
                self._look(training)
                ended = self._clock()
                self._next = ended + max(LEAST_S, (ended - began) / SHARE)
            finally:
                self._turn.release()
        return self._line

    def _look(self, training: str) -> None:
        seen = training, stamps(self._files())
        if seen == self._seen:
            return
        try:
            before = _before(all_learned(self._root), training)
            if before is None:
                self._line = ""
            else:
                kinds = dict.fromkeys(("human", *before.kinds))  # people's count, once there are any
                now = learnable(Library(self._root), before.encoder, before.text, kinds, unread=True)
                self._line = now.since(before)
        except AntiphonError:  # said to whoever asks for what is damaged
            self._line = ""
        self._seen = seen

    def _files(self) -> Iterator[Path]:
        root = self._root
        yield from (root / JUDGEMENTS, *(root / f"{name}.parquet" for name in ("tracks", "captions", "made_captions")))
        yield from root.glob(f"runs/*/{FILE}")
        yield from root.glob("embeddings/*/*/rows.*")


def _before(every: Mapping[str, Learned], training: str) -> Learned | None:
    members = [each for each in map(every.get, training.split(",")) if each is not None]
    if members:
        return min(members, key=attrgetter("time"))
    return max(every.values(), key=attrgetter("time"), default=None)

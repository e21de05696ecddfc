"""What there is to learn from since the last training: looked for anew where files have changed, and not too often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from antiphon.align.data.learned import FILE, all_learned, learnable
from antiphon.errors import AntiphonError
from antiphon.library.judgements.file import NAME as JUDGEMENTS
from antiphon.library.tracks import Library
from antiphon.search.light.record import stamps

SHARE, LEAST_S = 0.05, 2.0
"""Of the time that goes into looking, at most; and the least between two looks, seconds."""


class Unlearned:
    """Says what has come into one library since its last training.

    Parameters
    ----------
    root : the library.
    clock : tells the time, seconds.
    """

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._root, self._clock = root, clock
        self._line = ""
        self._behind: dict[str, str] = {}
        self._stamps: dict[str, str] = {}
        self._next = float("-inf")
        self._turn = threading.Lock()

    def line(self) -> str:
        """A sentence; "" where nothing is new, where no training says what it learned, and where a table is damaged."""
        if self._clock() >= self._next and self._turn.acquire(blocking=self._next == float("-inf")):
            try:
                began = self._clock()
                self._look()
                ended = self._clock()
                self._next = ended + max(LEAST_S, (ended - began) / SHARE)
            finally:
                self._turn.release()
        return self._line

    def behind(self, checkpoint: str) -> str:
        """What a later training has learned that the one which answers has not, a sentence; "" for nothing.

        Search takes what val prefers, and not what is newest. As of the last look.

        Parameters
        ----------
        checkpoint : name of the checkpoint that answers.
        """
        return self._behind.get(checkpoint.removesuffix("_serving").removesuffix("_best_r1"), "")

    def _look(self) -> None:
        seen = stamps(self._files())
        if seen == self._stamps:
            return
        try:
            every = all_learned(self._root)
            last = max(every, key=lambda name: every[name].time, default="")
            self._behind = {
                name: f"{name} answers, since val prefers it to {last}, which has learned more. "
                f"{since.replace('since the last training', f'to {name}')}"
                for name, each in every.items()
                if (since := every[last].since(each))
            }
            if not last:
                self._line = ""
            else:
                before = every[last]
                kinds = dict.fromkeys(("human", *before.kinds))  # people's count, once there are any
                now = learnable(Library(self._root), before.encoder, before.text, kinds, unread=True)
                self._line = now.since(before)
        except AntiphonError:  # said to whoever asks for what is damaged
            self._line = ""
        self._stamps = seen

    def _files(self) -> Iterator[Path]:
        root = self._root
        yield from (root / JUDGEMENTS, *(root / f"{name}.parquet" for name in ("tracks", "captions", "made_captions")))
        yield from root.glob(f"runs/*/{FILE}")
        yield from root.glob("embeddings/*/*/rows.*")

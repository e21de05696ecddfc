"""Texts that were read, remembered for a while: what ranks, what judges and what explains answers ask for the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
REMEMBERED = 2048
"""Texts, about 4 MB of 512 numbers each."""


class Remembered:
    """Texts to rows; those that are not known are read together, and known then. For any number of threads.

    Parameters
    ----------
    read : texts → (n, d), one row a text.
    most : texts that are known at once, the latest ones; more than so many at a time are read and not kept.
    """

    def __init__(self, read: Callable[[Sequence[str]], Float32], most: int = REMEMBERED) -> None:
        self._read, self._most = read, most
        self._known: OrderedDict[str, Float32] = OrderedDict()
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> Float32:
        """(n, d)."""
        wanted = list(dict.fromkeys(texts))
        if not wanted or len(wanted) > self._most:
            return self._read(texts)
        with self._lock:
            known = {text: self._known[text] for text in wanted if text in self._known}
        new = [text for text in wanted if text not in known]
        if new:
            rows = self._read(new)
            known |= {text: row.copy() for text, row in zip(new, rows, strict=True)}  # a view would keep all rows
        self._keep(known)
        return np.stack([known[text] for text in texts])

    def _keep(self, rows: dict[str, Float32]) -> None:
        with self._lock:
            for text, row in rows.items():
                self._known[text] = row
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

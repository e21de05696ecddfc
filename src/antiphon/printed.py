"""Results that people read line by line: ``print`` shows them as the command line does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

SHOWN = 3
"""Different reasons of many things that are named."""


class Printed:
    """A base for results with ``lines()``."""

    def lines(self) -> list[str]:
        """Text for people, a line each."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(self.lines())


def counted(number: int, word: str, several: str = "") -> str:
    """A number of things.

    >>> counted(1, "track"), counted(2000, "track")
    ('1 track', '2,000 tracks')
    """
    return f"{number:,} {word if number == 1 else several or f'{word}s'}"


def listing(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listing(["a"]), listing(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def reasons_counted(reasons: Iterable[str]) -> str:
    """Reasons of many things, the most frequent first.

    >>> reasons_counted(["no caption", "the file is damaged", "no caption"])
    'no caption (2), the file is damaged'
    """
    counts = Counter(reasons).most_common()
    told = [reason if number == 1 else f"{reason} ({number:,})" for reason, number in counts[:SHOWN]]
    return ", ".join([*told, "…"] if len(counts) > SHOWN else told)

"""Results that people read line by line: ``print`` shows them as the command line does."""

from __future__ import annotations


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

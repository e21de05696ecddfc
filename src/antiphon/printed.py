"""Results that people read line by line: ``print`` shows them as the command line does."""

from __future__ import annotations


class Printed:
    """A base for results with ``lines()``."""

    def lines(self) -> list[str]:
        """Text for people, a line each."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(self.lines())

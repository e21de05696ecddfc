"""What is to be said of a query: what is not as it should be, for everybody, and how the library's owner mends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A remark in two parts, of which guests of a server get the first.

    Parameters
    ----------
    problem : a sentence without its first words, "the query looks German, a language that minilm was not trained to
        read."
    fix : what the owner may do about it; "" for nothing.
    of_language : whether it is of the query's language, which does not matter to answers that a name found.

    >>> str(Remark(problem="the query is longer.", fix="Ask in fewer words."))
    'Note: the query is longer. Ask in fewer words.'
    """

    problem: str
    fix: str = ""
    of_language: bool = False

    @property
    def to_guests(self) -> str:
        """What is said to whoever may change nothing."""
        return f"Note: {self.problem}"

    def __str__(self) -> str:
        return f"{self.to_guests} {self.fix}".rstrip()

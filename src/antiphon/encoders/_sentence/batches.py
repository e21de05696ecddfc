"""Which texts a sentence model reads at once: alike in length, since all are padded to the longest of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

TEXTS = 64
"""Texts of a batch at most."""
TOKENS = 64 * 48
"""Tokens of a batch at most, padding included, unless one text has more: a long text does not stretch 63 short ones."""


def batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of the texts that are read together, each once, from the shortest texts to the longest.

    Parameters
    ----------
    tokens : of each text.
    """
    some: list[int] = []
    for place in sorted(range(len(tokens)), key=lambda i: len(tokens[i])):
        if some and (len(some) == TEXTS or (len(some) + 1) * len(tokens[place]) > TOKENS):
            yield some
            some = []
        some.append(place)
    if some:
        yield some

"""Answers that a name found, before those that words found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antiphon.search.hits import Hits
from antiphon.search.queries.naming.names import NamedTracks

NAME = "name"
"""What an answer's ``by`` says where a name found it."""
Ranked = Callable[[NDArray[np.bool_], int], Hits]
"""Which tracks may be answers, and how many → the best of them."""


def named_first(named: NamedTracks | None, allowed: NDArray[np.bool_], k: int, ranked: Ranked) -> Hits:
    """The k best answers, those that a query names first and said so.

    Parameters
    ----------
    named : None where it names none.
    allowed : (n,) which tracks may be answers.
    """
    if named is None:
        return ranked(allowed, k)
    by_name = ranked(allowed & named.mask, min(k, named.most or k))
    taken = {hit.track_id for hit in by_name}
    others = (hit for hit in ranked(allowed, k + len(by_name)) if hit.track_id not in taken)
    return by_name_first(by_name, Hits(others), k)


def by_name_first(named: Hits, others: Hits, k: int) -> Hits:
    """The k best: what a name found, said so, then what words found; ranks counted anew."""
    both = [*(replace(hit, by=NAME) for hit in named), *others][:k]
    return Hits(replace(hit, rank=rank) for rank, hit in enumerate(both, start=1))

"""The values of one field from several rows and sources, as one value (or one list) a track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Owners = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Values:
    """Values that are there, and whose they are.

    Parameters
    ----------
    owners : (n,) number of each one's track, 0 … tracks−1.
    texts : (n,) texts or lists of texts, no nulls.
    """

    owners: Owners
    texts: pa.Array


def merged(sources: Sequence[Sequence[Values]], n: int, *, always_list: bool = False) -> pa.Array:
    """One value a track: of the first source that has one, and a list where its rows say different things.

    Parameters
    ----------
    sources : the chunks of each source, the one that goes first at the front.
    n : number of tracks.
    always_list : make lists where no track has several values, too.

    Returns
    -------
    (n,) texts, or lists of texts; null where a track has no value.
    """
    as_lists = always_list or any(_is_list(values.texts) for chunks in sources for values in chunks)
    taken = np.zeros(n, bool)
    kept: list[Values] = []
    for chunks in sources:
        whole = _joined([_as_list(values) if as_lists else values for values in chunks])
        free = ~taken[whole.owners]
        whole = Values(owners=whole.owners[free], texts=whole.texts.filter(pa.array(free)))
        kept.append(_one_a_track(whole, n))
        taken[whole.owners] = True
    if not as_lists and any(_is_list(values.texts) for values in kept):
        kept = [_as_list(values) for values in kept]
    return _spread(_joined(kept), n)


def as_column(column: pa.Array) -> Values:
    """The texts of a merged column one by one, those of a list each for itself."""
    rows = np.flatnonzero(np.asarray(pc.is_valid(column)))
    present = column.drop_null()
    if not _is_list(column):
        return Values(owners=rows, texts=present)
    return Values(owners=rows[np.asarray(pc.list_parent_indices(present))], texts=pc.list_flatten(present))


def _is_list(texts: pa.Array) -> bool:
    return bool(pa.types.is_list(texts.type))


def _as_list(values: Values) -> Values:
    if _is_list(values.texts):
        return values
    offsets = pa.array(np.arange(len(values.texts) + 1, dtype=np.int32))
    return Values(owners=values.owners, texts=pa.ListArray.from_arrays(offsets, values.texts))


def _joined(chunks: Sequence[Values]) -> Values:
    return Values(
        owners=np.concatenate([chunk.owners for chunk in chunks]),
        texts=pa.concat_arrays([chunk.texts for chunk in chunks]),
    )


def _one_a_track(values: Values, n: int) -> Values:
    """Rows of one track that say the same are one; where they differ, a list of all that is said, in order."""
    if not len(values.owners) or np.bincount(values.owners, minlength=n).max() == 1:
        return values
    order = np.argsort(values.owners, kind="stable")
    owners, texts = values.owners[order], values.texts.take(pa.array(order))
    if not _is_list(texts):
        kept = _first_of_each(owners, texts)
        owners, texts = owners[kept], texts.take(pa.array(kept))
        if np.bincount(owners, minlength=n).max() == 1:
            return Values(owners=owners, texts=texts)
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        offsets = pa.array(np.append(starts, len(owners)).astype(np.int32))
        return Values(owners=owners[starts], texts=pa.ListArray.from_arrays(offsets, texts))
    return _lists_of_each(owners, texts)


def _first_of_each(owners: Owners, texts: pa.Array) -> Owners:
    """Positions of the first of each pair of track and text, in order."""
    codes = np.asarray(texts.dictionary_encode().indices, dtype=np.int64)
    _, first = np.unique(owners * (int(codes.max()) + 1) + codes, return_index=True)
    return np.sort(first).astype(np.int64)


def _lists_of_each(owners: Owners, texts: pa.Array) -> Values:
    """One list a track of sorted owners: a list that repeats counts once, different ones are put together."""
    lists: dict[int, list[str]] = {}
    for owner, items in zip(owners.tolist(), texts.to_pylist(), strict=True):
        said = lists.get(owner)
        if said is None or said == items:
            lists[owner] = items
        else:
            lists[owner] = list(dict.fromkeys([*said, *items]))
    return Values(
        owners=np.fromiter(lists, np.int64, len(lists)), texts=pa.array(list(lists.values()), pa.list_(pa.string()))
    )


def _spread(values: Values, n: int) -> pa.Array:
    """One row a track, null where it has no value."""
    rows = np.full(n, -1, np.int64)
    rows[values.owners] = np.arange(len(values.owners))
    return values.texts.take(pa.array(rows, mask=rows < 0))

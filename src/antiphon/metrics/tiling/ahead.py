"""Products of one block after another, made ahead of whoever counts in them.

Threads that share one product wait for one another at its end, and where another program has a core all of them wait
for that. So each product has one thread, and some are under way at a time. They are handed out in their order, so that
nothing depends on how many.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from threadpoolctl import threadpool_limits

from antiphon.metrics.tiling.tile import Columns, Float32, Products, slices

WORTH_THREADS = 2e10
"""Multiplications and additions of all products from which they are made ahead, some 200 ms of work."""
MOST = 4
"""Products under way at a time, at most: four threads multiply faster than one counts."""

Place = tuple[slice, slice]


def products_in_order(
    queries: Float32, items: Float32, systems: Sequence[Columns], block: int
) -> Iterator[tuple[slice, slice, Products]]:
    """Rows, columns and products of every tile, row after row; each is good until the next is asked for.

    Parameters
    ----------
    queries, items : (q, d) and (n, d).
    systems : columns of each.
    block : queries × items a tile.
    """
    places = [(rows, columns) for rows in slices(len(queries), block) for columns in slices(len(items), block)]
    shape = (min(block, len(queries)), min(block, len(items)))
    threads = min(MOST, _cores(), len(places))
    if threads < 2 or 2.0 * len(queries) * len(items) * queries.shape[1] < WORTH_THREADS:
        products = Products(systems, shape)
        for rows, columns in places:
            products.multiply(queries[rows], items[columns])
            yield rows, columns, products
        return
    rooms = [Products(systems, shape) for _ in range(threads + 1)]
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        yield from _ahead(queries, items, places, rooms, pool)


def _ahead(
    queries: Float32, items: Float32, places: list[Place], rooms: list[Products], pool: ThreadPoolExecutor
) -> Iterator[tuple[slice, slice, Products]]:
    """As many products under way as there are rooms, but the one that is looked at."""
    coming, free = iter(places), deque(rooms)
    under_way: deque[tuple[Place, Products, Future[None]]] = deque()

    def begin() -> None:
        place = next(coming, None)
        if place is not None:
            room = free.popleft()
            under_way.append((place, room, pool.submit(room.multiply, queries[place[0]], items[place[1]])))

    for _ in rooms[1:]:
        begin()
    while under_way:
        (rows, columns), room, made = under_way.popleft()
        made.result()
        begin()
        yield rows, columns, room
        free.append(room)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

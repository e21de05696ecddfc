"""Splits: what their names mean, which group goes where, and what a split by rows would leak.

A split belongs to a group of tracks, never to a row.
"""

from antiphon.library.splits.assign import (
    Assignment,
    Conflict,
    assign,
    earliest,
    group_number,
    refill,
)
from antiphon.library.splits.counts import leaked_shares, row_wise_leak, split_counts
from antiphon.library.splits.names import name_splits, split_name

__all__ = [
    "Assignment",
    "Conflict",
    "assign",
    "earliest",
    "group_number",
    "leaked_shares",
    "name_splits",
    "refill",
    "row_wise_leak",
    "split_counts",
    "split_name",
]

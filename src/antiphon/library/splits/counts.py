"""What is in each split, and what leaks across: of a split by rows, and of the splits as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from antiphon.library.splits.assign import TRAIN_BELOW
from antiphon.library.tracks import SPLITS


def split_counts(
    groups: Sequence[str], splits: Sequence[str], captions: Sequence[int], asking: Sequence[int] | None = None
) -> dict[str, dict[str, int]]:
    """Tracks, captions and groups of each split, and how many of its captions can ask its questions.

    Parameters
    ----------
    groups, splits : (n,) of each track.
    captions : (n,) number of captions of each track.
    asking : (n,) how many of them can ask; None for all.
    """
    counts = {split: {"tracks": 0, "captions": 0, "asking": 0, "groups": 0} for split in SPLITS}
    seen: set[str] = set()
    asked = captions if asking is None else asking
    for group, split, number, questions in zip(groups, splits, captions, asked, strict=True):
        counts[split]["tracks"] += 1
        counts[split]["captions"] += int(number)
        counts[split]["asking"] += int(questions)
        counts[split]["groups"] += group not in seen
        seen.add(group)
    return counts


def row_wise_leak(groups: Sequence[str], captions: Sequence[int]) -> dict[str, float]:
    """What splitting rows instead of groups at random, 80/10/10, would leak: expected shares, 0 … 1.

    Given that a row is in test, each other row of its group is in train with probability 0.8 independently, so a row
    of a group of n has a relative in train with probability 1 − 0.2 ** (n − 1).

    Returns
    -------
    tracks : share of test tracks with a relative in train, if each track were a row.
    captions : share of test captions whose track, or a relative of it, is in train, if each caption were a row.
    """
    tracks_in: dict[str, int] = {}
    captions_in: dict[str, int] = {}
    for group, number in zip(groups, captions, strict=True):
        tracks_in[group] = tracks_in.get(group, 0) + 1
        captions_in[group] = captions_in.get(group, 0) + int(number)
    return {"tracks": _expected(tracks_in.values()), "captions": _expected(captions_in.values())}


def _expected(sizes: Iterable[int]) -> float:
    kept = [size for size in sizes if size]
    leaked = sum(size * (1 - (1 - TRAIN_BELOW) ** (size - 1)) for size in kept)
    return leaked / sum(kept) if kept else 0.0


def leaked_shares(groups: Sequence[str], splits: Sequence[str], captions: Sequence[int]) -> dict[str, float]:
    """Shares of the test split's tracks and captions, 0 … 1, whose group has a track in train.

    Parameters
    ----------
    groups, splits, captions : (n,) of each track.
    """
    in_train = {group for group, split in zip(groups, splits, strict=True) if split == "train"}
    tested = [
        (group in in_train, number)
        for group, split, number in zip(groups, splits, captions, strict=True)
        if split == "test"
    ]
    texts = sum(number for _, number in tested)
    return {
        "tracks": sum(leaks for leaks, _ in tested) / max(1, len(tested)),
        "captions": sum(number for leaks, number in tested if leaks) / max(1, texts),
    }

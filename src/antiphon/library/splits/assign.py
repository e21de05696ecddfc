"""Which split a group belongs to. Only whole groups are assigned, so that no split holds a relative of another's track.

Conventions. A group's number is a pure hash of (seed, group id), uniform in [0, 1): below 0.8 train, below 0.9 val,
else test. It depends on nothing else, so adding tracks moves nobody, and a fresh library of the larger manifest
agrees. In order of precedence a group's split is: what the manifest says; what the library already says; train where
the group is more than a fifth of the library; the hash. Where sources disagree about one group, the earliest of
train < val < test wins, because a track that a model may have trained on must never be tested on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from antiphon.library.tracks import SPLITS

TRAIN_BELOW = 0.8
VAL_BELOW = 0.9
OVERSIZED = 0.2
MIN_GROUPS_TO_FILL = 3


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One group that several splits claimed.

    Parameters
    ----------
    group : its id.
    claimed : the splits, earliest first.
    split : where all of it went.
    source : "manifest" (its rows stand in several explicit splits) or "library" (merged groups had different ones).
    """

    group: str
    claimed: tuple[str, ...]
    split: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """The split of every group, and what was unusual about it.

    Parameters
    ----------
    split_of : group → split.
    conflicts : groups that several splits claimed.
    filled : group → split, moved there because that split would have been empty.
    oversized : groups that went to train because of their size.
    kept : whether a track stays where the manifest puts it, whatever its group.
    """

    split_of: dict[str, str]
    conflicts: tuple[Conflict, ...] = ()
    filled: dict[str, str]
    oversized: tuple[str, ...] = ()
    kept: bool = False

    def splits_of(self, groups: Sequence[str], explicit: Sequence[Sequence[str]]) -> list[str]:
        """(n,) the split of each track.

        Parameters
        ----------
        groups, explicit : (n,) as in :func:`assign`.
        """
        if not self.kept:
            return [self.split_of[group] for group in groups]
        return [earliest(said) if said else self.split_of[group] for group, said in zip(groups, explicit, strict=True)]


def group_number(seed: int, group: str) -> float:
    """Uniform in [0, 1): the first 53 bits of sha256 over seed and group id."""
    digest = hashlib.sha256(f"{seed}\x00{group}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / (1 << 53)


def hashed_split(number: float) -> str:
    """80/10/10 by a group's number."""
    return "train" if number < TRAIN_BELOW else "val" if number < VAL_BELOW else "test"


def earliest(splits: Sequence[str]) -> str:
    """The first of train < val < test among ``splits``."""
    return min(splits, key=SPLITS.index)


def assign(
    groups: Sequence[str],
    *,
    seed: int,
    explicit: Sequence[Sequence[str]] | None = None,
    existing: Sequence[str] | None = None,
    captions: Sequence[int] | None = None,
    keep: bool = False,
) -> Assignment:
    """Assign a split to every group.

    Parameters
    ----------
    groups : (n,) group id of each track.
    seed : part of the hash.
    explicit : (n,) the splits that the manifest's rows give each track, empty where they give none.
    existing : (n,) the split each track has in the library already, "" for a new one.
    captions : (n,) number of captions of each track; None where that does not matter. A split that has tracks and no
        caption is filled as an empty one is, if the manifest does not name it, and only by groups that have captions.
    keep : leave every track where the manifest puts it.
    """
    said = _claims(groups, explicit or [()] * len(groups))
    had = _claims(groups, ((s,) if s else () for s in existing) if existing else [()] * len(groups))
    sizes: dict[str, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    split_of: dict[str, str] = {}
    conflicts: list[Conflict] = []
    oversized: list[str] = []
    for group, size in sizes.items():
        for source, claims in (("manifest", said), ("library", had)):
            claimed = tuple(s for s in SPLITS if s in claims.get(group, ()))
            if claimed:
                split_of[group] = claimed[0]
                if len(claimed) > 1:
                    conflicts.append(Conflict(group=group, claimed=claimed, split=claimed[0], source=source))
                break
        else:
            split_of[group] = hashed_split(group_number(seed, group))
            if size > 1 and size > OVERSIZED * len(groups):
                split_of[group] = "train"
                oversized.append(group)
    captioned = {group for group, number in zip(groups, captions or [1] * len(groups), strict=True) if number}
    filled = _fill(split_of, said, had, sizes, seed, captioned or set(groups), keep=keep)
    return Assignment(
        split_of={**split_of, **filled},
        conflicts=tuple(conflicts),
        filled=filled,
        oversized=tuple(group for group in oversized if group not in filled),
        kept=keep,
    )


def refill(
    groups: Sequence[str],
    splits: Sequence[str],
    *,
    seed: int,
    explicit: Sequence[Sequence[str]],
    captions: Sequence[int],
    joined: Collection[str] = (),
    keep: bool = False,
) -> dict[str, str]:
    """Groups that move to a split which joins, or a shorter manifest, have emptied: about a tenth of all.

    The library has them elsewhere, so that a model may have learned from them: whoever moves them has to say so.

    Parameters
    ----------
    groups, splits : (n,) of each track, after all joins.
    seed, explicit, captions, keep : as in :func:`assign`.
    joined : groups that stay: what vectors have merged may part again.

    Returns
    -------
    Group → split, empty where no split lacks groups with captions.
    """
    sizes = Counter(groups)
    captioned = {group for group, number in zip(groups, captions, strict=True) if number}
    split_of = dict(zip(groups, splits, strict=True))
    stay = {group: {split_of[group]} for group in joined}
    return _fill(split_of, _claims(groups, explicit), stay, sizes, seed, captioned, keep=keep, refill=True)


def _claims(groups: Sequence[str], claims: Iterable[Sequence[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for group, splits in zip(groups, claims, strict=True):
        if splits:
            found.setdefault(group, set()).update(splits)
    return found


def _fill(
    split_of: Mapping[str, str],
    said: Mapping[str, set[str]],
    had: Mapping[str, set[str]],
    sizes: Mapping[str, int],
    seed: int,
    captioned: Collection[str],
    *,
    keep: bool,
    refill: bool = False,
) -> dict[str, str]:
    """Groups that move to a split that would be empty: out of train where it has several, else out of any split.

    Only groups with captions move: what has none can neither teach nor ask. Small groups move first, then those with
    the highest number (the lowest, into train). A group never leaves the split that the library has it in, nor a val or
    test that the manifest put it in, nor with ``keep`` its train.
    """
    now = dict(split_of)
    if len(now) < MIN_GROUPS_TO_FILL:
        return {}
    tenth = round((1 - VAL_BELOW) * len(captioned)) if refill else 0
    large = OVERSIZED * sum(sizes.values())
    for target in ("test", "val", "train"):
        counts = Counter(split for group, split in now.items() if group in captioned)
        named = any(target in splits for splits in said.values()) and target in now.values()
        if counts[target] or named:
            continue
        free = [g for g in captioned if counts[now[g]] > 1 and (not had.get(g) or had[g] == {target})]
        train = [g for g in free if now[g] == "train" and not (keep and g in said)]
        donors = train or [g for g in free if g not in said]
        sign = -1 if target == "train" else 1
        ranked = sorted(((sizes[g] <= large, sign * group_number(seed, g), g) for g in donors), reverse=True)
        wanted = tenth or sum(group_number(seed, g) >= VAL_BELOW for g in train)
        for _, _, group in ranked[: max(1, min(wanted, counts["train"] - 1))]:
            now[group] = target
    return {group: split for group, split in now.items() if split != split_of[group]}

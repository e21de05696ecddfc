"""What ingesting found: counts, leaks that were avoided, and every row that could not be used."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from antiphon.library.leakage.groups import Join
from antiphon.library.manifest.table import Problem
from antiphon.library.splits import Conflict
from antiphon.library.tracks import SPLITS
from antiphon.printed import Printed

SHOWN = 20
FEW_QUERIES = 50


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A track that the library had already, and whose split is another now."""

    track_id: str
    was: str
    now: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Audit(Printed):
    """The report of one ingest.

    Parameters
    ----------
    library, manifest : folders and files, as text.
    rows, tracks, captions, groups : how many; rows as read, unusable ones included.
    splits : split → {"tracks", "captions", "groups"}.
    seed : of the split.
    problems : what could not be used as it stood, all of it.
    notes : columns without meaning, files that no row names.
    repeated_ids : ids that stand in several rows, and in how many.
    identical_captions : texts that several tracks share, and how many tracks, most first.
    uncaptioned : tracks without a caption.
    joins : evidence that merged groups.
    classes : captions that are alike to those of too many groups to be a leak, and of how many.
    refused : alike captions that were not joined, because the merged group would have become too large.
    conflicts : groups that several splits claimed.
    filled : group → split, moved there because that split would have been empty.
    oversized : groups that went to train because of their size.
    moved : tracks whose split changed since the last ingest.
    gone : tracks that the library had and the manifest no longer has.
    row_wise_leak : what a row-wise random split would have leaked: share of test "tracks" and "captions", 0 … 1.
    regrouped : what later joins (audio copies) changed; carried over from the last audit.
    """

    library: str
    manifest: str
    rows: int
    tracks: int
    captions: int
    groups: int
    splits: dict[str, dict[str, int]]
    seed: int
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    repeated_ids: dict[str, int]
    identical_captions: dict[str, int]
    uncaptioned: int = 0
    joins: tuple[Join, ...] = ()
    classes: tuple[tuple[str, int], ...] = ()
    refused: int = 0
    conflicts: tuple[Conflict, ...] = ()
    filled: dict[str, str]
    oversized: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    gone: tuple[str, ...] = ()
    row_wise_leak: dict[str, float]
    regrouped: dict[str, Any]

    @property
    def warnings(self) -> list[str]:
        """What makes numbers on this library mean less than they seem to."""
        return [*_small(self.splits), *_uneven(self)]

    def cautions(self) -> list[str]:
        """The lines about what did not go as the manifest says, and :attr:`warnings`; none where all is well."""
        return [*_change_lines(self), *_problem_lines(self), *self.warnings]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for ``audit.json`` and ``--json``."""
        data = asdict(self)
        data["warnings"] = self.warnings
        data["problem_kinds"] = dict(Counter(problem.kind for problem in self.problems))
        return data

    def lines(self) -> list[str]:
        """Text for the console; long lists are cut to 20 and stand whole in ``audit.json``."""
        return [
            f"{self.library}: {_n(self.tracks, 'track')}, {_n(self.captions, 'caption')}, {_n(self.groups, 'group')}",
            *_split_lines(self),
            *_leak_lines(self),
            *_join_lines(self),
            *_change_lines(self),
            *_problem_lines(self),
            *[f"Note: {note}" for note in self.notes],
            *[f"Warning: {warning}" for warning in self.warnings],
        ]


def _n(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _split_lines(audit: Audit) -> list[str]:
    lines = []
    for split in SPLITS:
        counts = audit.splits[split]
        shares = [
            f"{_n(counts[what], what[:-1])} ({100 * counts[what] / total:.0f} %)" if total else f"no {what}"
            for what, total in (("tracks", audit.tracks), ("captions", audit.captions), ("groups", audit.groups))
        ]
        lines.append(f"  {split:5} {', '.join(shares)}")
    return lines


def _leak_lines(audit: Audit) -> list[str]:
    tracks, captions = audit.row_wise_leak["tracks"], audit.row_wise_leak["captions"]
    if not tracks and not captions:
        return ["A split by rows would have leaked nothing: every group is one track with one caption."]
    return [
        f"A random split by rows would have leaked: {100 * tracks:.0f} % of test tracks would have a relative in train "
        f"(one row a track), {100 * captions:.0f} % of test captions would (one row a caption). This split: 0 %."
    ]


def _join_lines(audit: Audit) -> list[str]:
    lines = []
    if audit.joins:
        kinds = Counter(join.reason for join in audit.joins)
        lines.append(f"{_n(len(audit.joins), 'join')}: " + ", ".join(f"{n} × {kind}" for kind, n in kinds.items()))
        lines += _cut([f"  {join.a} and {join.b}: {join.reason} ({join.evidence})" for join in audit.joins])
    if audit.identical_captions:
        text, most = next(iter(audit.identical_captions.items()))
        lines.append(
            f"{_n(len(audit.identical_captions), 'caption')} stand on several tracks (most: '{text[:60]}', {most} "
            "tracks); each of those tracks counts as correct."
        )
    if audit.classes:
        text, most = audit.classes[0]
        lines.append(
            f"{_n(len(audit.classes), 'caption')} are alike to those of too many others to be a leak, and join "
            f"nothing (most: '{text[:60]}', {most} groups)."
        )
    if audit.refused:
        lines.append(f"{audit.refused} alike pairs were left apart: their groups would have chained into a large one.")
    return lines


def _change_lines(audit: Audit) -> list[str]:
    lines = []
    if audit.conflicts:
        lines.append(f"{_n(len(audit.conflicts), 'group')} stood in several splits; each went to the earliest:")
        lines += _cut([f"  {c.group}: {', '.join(c.claimed)} in the {c.source} → {c.split}" for c in audit.conflicts])
    if audit.moved:
        lines.append(f"{_n(len(audit.moved), 'track')} changed split since the last ingest; train again:")
        lines += _cut([f"  {m.track_id}: {m.was} → {m.now}, {m.reason}" for m in audit.moved])
    if audit.filled:
        told = ", ".join(f"{list(audit.filled.values()).count(s)} to {s}" for s in dict.fromkeys(audit.filled.values()))
        lines.append(f"{_n(len(audit.filled), 'group')} moved ({told}), because a split would have been empty.")
    if audit.oversized:
        lines.append(f"More than a fifth of the library, so in train: {', '.join(audit.oversized)}.")
    if audit.gone:
        lines.append(f"{_n(len(audit.gone), 'track')} of the library are no longer in the manifest:")
        lines += _cut([f"  {track_id}" for track_id in audit.gone])
    return lines


def _problem_lines(audit: Audit) -> list[str]:
    lines = []
    if audit.problems:
        kinds = Counter(problem.kind for problem in audit.problems)
        lines.append(
            f"{_n(len(audit.problems), 'problem')} in the manifest: "
            + ", ".join(f"{n} × {k}" for k, n in kinds.items())
        )
        lines += _cut([f"  {problem}" for problem in audit.problems])
    if audit.repeated_ids:
        lines.append(f"{_n(len(audit.repeated_ids), 'id')} stand in several rows: each is one track with all captions.")
    return lines


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"  … and {more} more, all in audit.json"]


def _small(splits: dict[str, dict[str, int]]) -> list[str]:
    warnings = []
    for split in ("val", "test"):
        queries = min(splits[split]["tracks"], splits[split]["captions"])
        if not splits[split]["tracks"]:
            warnings.append(f"{split} is empty: there are too few groups. Training needs val, a result needs test.")
        elif queries < FEW_QUERIES:
            warnings.append(
                f"{split} has {_n(splits[split]['tracks'], 'track')} and {_n(splits[split]['captions'], 'caption')}: "
                f"below {FEW_QUERIES} queries a metric says little. Look at its interval."
            )
    return warnings


def _uneven(audit: Audit) -> list[str]:
    warnings = []
    if not audit.splits["train"]["tracks"]:
        warnings.append("train is empty: this library can be evaluated and searched only.")
    if audit.uncaptioned:
        warnings.append(f"{_n(audit.uncaptioned, 'track')} have no caption: they can be found, but teach nothing.")
    return warnings

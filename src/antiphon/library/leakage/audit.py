"""The audit of an ingest in words: what has to be known first, counts, moves, problems, joins, notes, warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from antiphon.library.leakage.audit_record import AuditRecord, Moved
from antiphon.library.manifest.problems import of_kinds, problem_lines
from antiphon.library.tracks import SPLITS
from antiphon.printed import Printed, counted

SHOWN = 20
FEW_QUERIES = 50
MUCH_OF_A_SPLIT = 0.1
"""Share of a split that the manifest names from which tracks that left it are an alert."""
MUCH_OF_A_LIBRARY = 0.3
"""Share of all tracks from which groups made by alike captions are an alert."""


class Audit(AuditRecord, Printed):
    """The report of one ingest: what it found, and how that reads."""

    @property
    def alerts(self) -> list[str]:
        """What has to be known before anything else."""
        return _alerts(self)

    @property
    def warnings(self) -> list[str]:
        """What makes numbers on this library mean less than they seem to; without captions there are none."""
        return [*_small(self), *_uneven(self)] if self.captions else []

    def cautions(self) -> list[str]:
        """The lines about what did not go as the manifest says, and :attr:`warnings`; none where all is well."""
        lines = [*self.alerts, *_move_lines(self), *_problem_lines(self), *_change_lines(self), *self.warnings]
        return [_printable(line) for line in lines]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return {**asdict(self), **self._derived()}

    def record(self) -> dict[str, Any]:
        """The same for ``audit.json``; joins and the like are as they are, for there may be a million."""
        return {**vars(self), **self._derived()}

    def _derived(self) -> dict[str, Any]:
        kinds = dict(Counter(problem.kind for problem in self.problems))
        return {"alerts": self.alerts, "warnings": self.warnings, "problem_kinds": kinds}

    def lines(self) -> list[str]:
        """Text for the console, the most important first; long lists are cut and stand whole in ``audit.json``."""
        by_people = f" ({_asking(self):,} by people)" if _others_wrote(self) else ""
        captions = f"{counted(self.captions, 'caption')}{by_people}"
        counts = ", ".join((counted(self.tracks, "track"), captions, counted(self.groups, "group")))
        lines = [
            f"{self.library}: {counts}",
            *[f"First: {alert}" for alert in self.alerts],
            *_split_lines(self),
            *_move_lines(self),
            *_problem_lines(self),
            *self.tags.lines(),
            *_leak_lines(self),
            *_join_lines(self),
            *_change_lines(self),
            *[f"Note: {note}" for note in self.notes],
            *[f"Warning: {warning}" for warning in self.warnings],
        ]
        return [_printable(line) for line in lines]


def _asking(audit: AuditRecord, *splits: str) -> int:
    """Captions of some splits, or of all, that can ask questions."""
    return sum(audit.splits[split].get("asking", audit.splits[split]["captions"]) for split in splits or SPLITS)


def _others_wrote(audit: AuditRecord) -> bool:
    """Whether captions that no person wrote stand beside people's, and are no questions."""
    return _asking(audit) < audit.captions


def _printable(line: str) -> str:
    """A line in which bytes of file names that are no UTF-8 are written out, so that any console can print it."""
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


def _alerts(audit: AuditRecord) -> list[str]:
    """Splits that lost much of what the manifest names, and libraries that captions tie together."""
    found = []
    for split in ("val", "test"):
        counts = audit.named.get(split, {"named": 0, "left": 0})
        lost = counts["named"] - counts["left"]
        if counts["named"] and lost >= MUCH_OF_A_SPLIT * counts["named"]:
            reasons = Counter(m.reason for m in audit.moved if m.source == "manifest" and split in m.was.split(", "))
            why = ", ".join(f"{number} × {reason}" for reason, number in reasons.most_common(3))
            options = "--keep-splits keeps them all"
            if any("caption" in reason for reason in reasons):
                options += ", --no-paraphrase-joins those with alike captions"
            found.append(
                f"{lost} of the {counted(counts['named'], 'track')} that the manifest names as {split} are elsewhere "
                f"({why}), listed below. {options}."
            )
    if audit.leaks:
        numbers = Counter(leak.split for leak in audit.leaks)
        listed = ", ".join(f"{n} of {audit.splits[split]['tracks']} in {split}" for split, n in numbers.items())
        found.append(f"tracks with a relative in an earlier split stay where they are (--keep-splits): {listed}.")
    if audit.tracks and not audit.keep_splits and audit.joined_by_captions > MUCH_OF_A_LIBRARY * audit.tracks:
        share = 100 * audit.joined_by_captions / audit.tracks
        found.append(
            f"alike captions tie {audit.joined_by_captions} tracks ({share:.0f} %) to others, so that they share a "
            "split. If they are written after a pattern and no leak: --no-paraphrase-joins."
        )
    return found


def _split_lines(audit: AuditRecord) -> list[str]:
    lines = []
    for split in SPLITS:
        counts = audit.splits[split]
        people = " by people" if _others_wrote(audit) else ""
        shares = [
            f"{counted(number, one)}{whose} ({100 * number / total:.0f} %)" if total else f"no {one}s{whose}"
            for number, one, whose, total in (
                (counts["tracks"], "track", "", audit.tracks),
                (_asking(audit, split), "caption", people, _asking(audit)),
                (counts["groups"], "group", "", audit.groups),
            )
        ]
        named = audit.named.get(split)
        left = f"; {named['left']} of the {named['named']} that the manifest names" if named and _differs(named) else ""
        lines.append(f"  {split:5} {', '.join(shares)}{left}")
    return lines


def _differs(named: dict[str, int]) -> bool:
    return named["named"] != named["left"]


def _move_lines(audit: AuditRecord) -> list[str]:
    lines = []
    manifest = [moved for moved in audit.moved if moved.source == "manifest"]
    if manifest:
        lines.append(f"{counted(len(manifest), 'track')} left the split that the manifest names ({_ways(manifest)}):")
        lines += _cut([f"  {moved}" for moved in manifest])
    library = [moved for moved in audit.moved if moved.source == "library"]
    if library:
        lines.append(f"{counted(len(library), 'track')} changed split since the last ingest; train again:")
        lines += _cut([f"  {moved}" for moved in library])
    if audit.leaks:
        lines.append(f"{counted(len(audit.leaks), 'leak')} across the splits, which are kept:")
        lines += _cut([f"  {leak}" for leak in audit.leaks])
    return lines


def _ways(moved: Iterable[Moved]) -> str:
    ways = Counter(f"{one.was} → {one.now}" for one in moved)
    return ", ".join(f"{number} {way}" for way, number in ways.items())


def _problem_lines(audit: AuditRecord) -> list[str]:
    lines = []
    if audit.problems:
        lines.append(f"{of_kinds(audit.problems)}:")
        lines += [f"  {line}" for line in problem_lines(audit.problems, ", all in audit.json")]
    if audit.repeated_ids:
        lines.append(f"{counted(len(audit.repeated_ids), 'id')} in several rows: each is one track with all captions.")
    return lines


def _leak_lines(audit: AuditRecord) -> list[str]:
    tracks, captions = audit.row_wise_leak["tracks"], audit.row_wise_leak["captions"]
    if not tracks and not captions:
        alone = "every group is one track" + (" with one caption" if audit.captions else "")
        return [f"A split by rows would have leaked nothing: {alone}."]
    of_captions = f", {100 * captions:.0f} % of test captions would (one row a caption)" if audit.captions else ""
    return [
        f"A random split by rows would have leaked: {100 * tracks:.0f} % of test tracks would have a relative in train "
        f"(one row a track){of_captions}. "
        f"This split: {100 * audit.leaked.get('tracks', 0):.0f} %."
    ]


def _join_lines(audit: AuditRecord) -> list[str]:
    lines = []
    if audit.joins:
        kinds = Counter(join.reason for join in audit.joins)
        lines.append(f"{counted(len(audit.joins), 'join')}: " + ", ".join(f"{n} × {kind}" for kind, n in kinds.items()))
        lines += _cut([f"  {join.a} and {join.b}: {join.reason} ({join.evidence})" for join in audit.joins])
    if audit.identical_captions:
        text, most = next(iter(audit.identical_captions.items()))
        number = len(audit.identical_captions)
        lines.append(
            f"{counted(number, 'caption')} {'stands' if number == 1 else 'stand'} on several tracks "
            f"(most: '{text[:60]}', {most} tracks); each of those tracks counts as correct."
        )
    if audit.classes:
        text, most = audit.classes[0]
        lines.append(
            f"{counted(len(audit.classes), 'caption')} are alike to those of too many others to be a leak, and join "
            f"nothing (most: '{text[:60]}', {most} groups)."
        )
    if audit.refused:
        lines.append(f"{audit.refused} alike pairs were left apart: their groups would have chained into a large one.")
    return lines


def _change_lines(audit: AuditRecord) -> list[str]:
    lines = []
    if audit.filled:
        told = ", ".join(f"{list(audit.filled.values()).count(s)} to {s}" for s in dict.fromkeys(audit.filled.values()))
        lines.append(f"{counted(len(audit.filled), 'group')} moved ({told}), because a split would have been empty.")
    if audit.oversized:
        lines.append(f"More than a fifth of the library, so in train: {', '.join(audit.oversized)}.")
    if audit.gone:
        lines.append(f"{counted(len(audit.gone), 'track')} of the library are no longer in the manifest:")
        lines += _cut([f"  {track_id}" for track_id in audit.gone])
    return lines


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"  … and {more} more, all in audit.json"]


def _small(audit: AuditRecord) -> list[str]:
    found = []
    for split in ("val", "test"):
        counts, asking = audit.splits[split], _asking(audit, split)
        people = " by people" if _others_wrote(audit) else ""
        if not counts["tracks"]:
            found.append(f"{split} is empty: {_why_empty(audit)}. Training needs val, a result needs test.")
        elif not counts["captions"]:
            found.append(
                f"{split} has {counted(counts['tracks'], 'track')} and no caption: nothing in it can be asked for."
            )
        elif min(counts["tracks"], asking) < FEW_QUERIES:
            found.append(
                f"{split} has {counted(counts['tracks'], 'track')} and {counted(asking, 'caption')}{people}: "
                f"below {FEW_QUERIES} queries a metric says little. Look at its interval."
            )
    return found


def _why_empty(audit: AuditRecord) -> str:
    if audit.keep_splits and audit.named:
        return "the manifest names no track for it, and its splits are kept"
    if audit.named:
        return "the manifest names no track for it, and no group could move there"
    return "there are too few groups with captions" if audit.uncaptioned else "there are too few groups"


def _uneven(audit: AuditRecord) -> list[str]:
    found = []
    if not audit.splits["train"]["tracks"]:
        found.append("train is empty: this library can be evaluated and searched only.")
    elif not audit.splits["train"]["captions"]:
        found.append("train has no caption: this library can be evaluated and searched only.")
    if audit.uncaptioned:
        one = audit.uncaptioned == 1
        what = (
            "has no caption: it can be found, but teaches" if one else "have no caption: they can be found, but teach"
        )
        found.append(f"{counted(audit.uncaptioned, 'track')} {what} nothing.")
    return found

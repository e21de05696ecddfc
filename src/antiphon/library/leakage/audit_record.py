"""What ingesting found, as values: counts, leaks that were avoided, and every row that could not be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from antiphon.library.leakage.groups import Join
from antiphon.library.manifest.table import Problem
from antiphon.library.splits import Conflict
from antiphon.library.tags.report import TagReport


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A track whose split is not the one that it was given.

    Parameters
    ----------
    was, now : splits; ``was`` may be several, separated by commas, where rows of one track disagree.
    reason : why ("paraphrased caption", "same artist", "val would have been empty", …).
    partner : the relative that made it move, "" where none did.
    source : who had given it: "manifest", or "library" for the last ingest.
    """

    track_id: str
    was: str
    now: str
    reason: str
    partner: str = ""
    source: str = "library"

    def __str__(self) -> str:
        return f"{self.track_id}: {self.was} → {self.now}, {self.reason}{self.partner and f' ({self.partner})'}"


@dataclass(frozen=True, kw_only=True)
class Leak:
    """A track of val or test with a relative in an earlier split, where splits are kept as the manifest gives them."""

    track_id: str
    split: str
    partner: str
    partner_split: str
    reason: str

    def __str__(self) -> str:
        return f"{self.track_id} ({self.split}): {self.reason}, {self.partner} ({self.partner_split})"


@dataclass(frozen=True, kw_only=True)
class AuditRecord:
    """What one ingest found.

    Parameters
    ----------
    library, manifest : folders and files, as text.
    rows, tracks, captions, groups : how many; rows as read, unusable ones included.
    splits : split → {"tracks", "captions", "asking": those that can ask questions (people's, where they wrote any),
        "groups"}.
    named : split → {"named", "left"}: how many tracks the manifest names for it, and how many of them are in it.
    seed : of the split.
    keep_splits : whether tracks stay where the manifest puts them.
    problems : what could not be used as it stood, all of it.
    notes : columns without meaning, files that no row names.
    renamed : path as the manifest writes it → file that was found under nearly the same name.
    repeated_ids : ids that stand in several rows, and in how many.
    identical_captions : texts that several tracks share, and how many tracks, most first.
    uncaptioned : tracks without a caption.
    joins : evidence that merged groups.
    joined_by_captions : tracks that alike captions brought into one group with others.
    classes : captions that are alike to those of too many groups to be a leak, and of how many.
    refused : alike captions that were not joined, because the merged group would have become too large.
    conflicts : groups that several splits claimed.
    filled : group → split, moved there because that split would have been empty.
    oversized : groups that went to train because of their size.
    moved : tracks that are not in the split that the manifest, or the last ingest, gave them.
    leaks : relatives on two sides, where splits are kept.
    gone : tracks that the library had and the manifest no longer has.
    row_wise_leak : what a row-wise random split would have leaked: share of test "tracks" and "captions", 0 … 1.
    leaked : the same shares of this split.
    tags : what the tags of the sound files came to, and which files have moved.
    regrouped : what later joins (audio copies) changed; carried over from the last audit.
    """

    library: str
    manifest: str
    rows: int
    tracks: int
    captions: int
    groups: int
    splits: dict[str, dict[str, int]]
    named: dict[str, dict[str, int]] = field(default_factory=dict)
    seed: int
    keep_splits: bool = False
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    repeated_ids: dict[str, int]
    identical_captions: dict[str, int]
    uncaptioned: int = 0
    joins: tuple[Join, ...] = ()
    joined_by_captions: int = 0
    classes: tuple[tuple[str, int], ...] = ()
    refused: int = 0
    conflicts: tuple[Conflict, ...] = ()
    filled: dict[str, str]
    oversized: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    leaks: tuple[Leak, ...] = ()
    gone: tuple[str, ...] = ()
    row_wise_leak: dict[str, float]
    leaked: dict[str, float] = field(default_factory=dict)
    tags: TagReport = field(default_factory=TagReport)
    regrouped: dict[str, Any]

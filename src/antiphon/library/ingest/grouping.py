"""Which tracks of a manifest belong together, by what it says and by what its files and captions show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.library.leakage.groups import Join, base_group, merge
from antiphon.library.leakage.identical_files import content_joins
from antiphon.library.leakage.paraphrases import Paraphrases, lexical_joins
from antiphon.library.manifest.entries import Manifest


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """The groups of a manifest's tracks.

    Parameters
    ----------
    base : (n,) group of each track by manifest, artist or track.
    groups : (n,) after ``joins``.
    joins : by content of files and by captions.
    paraphrases : what was seen in the captions.
    by_captions : tracks that captions brought into a group with others.
    """

    base: list[str]
    groups: list[str]
    joins: list[Join]
    paraphrases: Paraphrases
    by_captions: int


def group_entries(read: Manifest, *, paraphrase_joins: bool, contents: Sequence[str] = ()) -> Grouped:
    """Groups by manifest, artist or track; then joined by content and, if that is wanted, by people's captions.

    Made captions are alike because their maker is one, and not because their tracks are.

    Parameters
    ----------
    contents : (n,) what is equal for files with the same bytes; () where nothing was read of them.
    """
    entries = read.entries
    ids = [entry.track_id for entry in entries]
    base = [base_group(track_id=e.track_id, group=e.group, artist=e.artist) for e in entries]
    content = content_joins(ids, read.audio_root, [e.path for e in entries], [e.size for e in entries], contents)
    first = merge(ids, base, content)
    found = Paraphrases(joins=[], sentences=0, classes=[], refused=0)
    if paraphrase_joins:
        texts = [text for entry in entries for text in entry.human_captions]
        owners = [entry.track_id for entry in entries for _ in entry.human_captions]
        theirs = [group for entry, group in zip(entries, first, strict=True) for _ in entry.human_captions]
        found = lexical_joins(owners, texts, theirs)
    groups = merge(ids, first, found.joins)
    return Grouped(
        base=base,
        groups=groups,
        joins=[*content, *found.joins],
        paraphrases=found,
        by_captions=_joined(first, groups),
    )


def _joined(before: Sequence[str], after: Sequence[str]) -> int:
    """Tracks whose group holds more groups than it did; a merged group is called as one of its parts."""
    merged = {new for old, new in zip(before, after, strict=True) if new != old}
    return sum(new in merged for new in after)

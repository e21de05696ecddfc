"""From a manifest to a library: check, group, split, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.library.files import to_json, utf8
from antiphon.library.leakage.audit import Audit, Moved
from antiphon.library.leakage.groups import Join, base_group, merge, read_audit
from antiphon.library.leakage.identical_files import content_joins
from antiphon.library.leakage.paraphrases import Paraphrases, lexical_joins
from antiphon.library.leakage.regrouping import Merged, joins_of_audit, joins_with_vectors, merge_joined, unmerged
from antiphon.library.lock import only_writer
from antiphon.library.manifest.entries import Manifest, read_manifest, require_clean
from antiphon.library.manifest.rows.rows import Entry
from antiphon.library.manifest.table import Problem
from antiphon.library.splits import Assignment, assign, row_wise_leak, split_counts
from antiphon.library.tracks import Caption, Library, Track, normalised_text, save_library
from antiphon.library.vectors.texts import ChangedTexts, changed_texts


def ingest(manifest: Path, root: Path, *, seed: int = 0, strict: bool = False) -> Audit:
    """Make a library from a manifest, or bring one up to date.

    Every track that the library has already keeps its split; vectors, checkpoints and runs are not touched.

    Parameters
    ----------
    manifest : a table, an audio folder, or a data set saved by Hugging Face ``datasets``.
    root : the library's folder, made if absent.
    seed : of the split.
    strict : stop where any row has a problem, or a group stands in several splits, instead of listing it.

    Raises
    ------
    ManifestError : the manifest cannot be read, or (``strict``) has problems; nothing is written then.
    LibraryError : another process is ingesting into the folder.
    """
    manifest, root = Path(manifest), Path(root)
    with only_writer(root, "writing the tables of"):
        return _ingest(manifest, root, seed=seed, strict=strict)


def _ingest(manifest: Path, root: Path, *, seed: int, strict: bool) -> Audit:
    before = _opened(root)
    read = read_manifest(manifest, root / "audio")
    if strict:
        require_clean(read.problems, manifest)
    told = read_audit(root) if before else {}
    grouped = _group(read)
    explicit = [sorted(entry.splits) for entry in read.entries]
    ids, had = [entry.track_id for entry in read.entries], _splits_before(before, read.entries)
    _, own = unmerged(told, ids, grouped.groups, had)
    assigned = assign(grouped.groups, seed=seed, explicit=explicit, existing=own)
    if strict:
        require_clean(_leaks(assigned, grouped.groups, read.entries), manifest)
    splits = [assigned.split_of[group] for group in grouped.groups]
    merged = merge_joined(ids, grouped.groups, splits, joins_with_vectors(root, joins_of_audit(told)))
    captions = _captions(read)
    changed = changed_texts(root, {c.caption_id: c.text for c in captions}, _texts_before(before))
    audit = _audit(root, read, grouped, assigned, merged, had, before, seed, changed)
    _save(root, read, captions, merged, seed, audit)
    changed.set_aside()
    return audit


@dataclass(frozen=True, kw_only=True)
class _Grouped:
    groups: list[str]
    joins: list[Join]
    paraphrases: Paraphrases


def _opened(root: Path) -> Library | None:
    return Library(root) if (root / "library.json").exists() else None


def _group(read: Manifest) -> _Grouped:
    """Groups by manifest, artist or track; then joined by content and captions."""
    entries = read.entries
    ids = [entry.track_id for entry in entries]
    base = [
        base_group(track_id=e.track_id, group=e.details.get("group", ""), artist=e.details.get("artist", ""))
        for e in entries
    ]
    content = content_joins(ids, read.audio_root, [e.path for e in entries], [e.size for e in entries])
    first = merge(ids, base, content)
    owners = [i for i, entry in enumerate(entries) for _ in entry.captions]
    texts = [text for entry in entries for text in entry.captions]
    found = lexical_joins([ids[i] for i in owners], texts, [first[i] for i in owners])
    return _Grouped(groups=merge(ids, first, found.joins), joins=[*content, *found.joins], paraphrases=found)


def _splits_before(before: Library | None, entries: Sequence[Entry]) -> list[str]:
    if before is None:
        return [""] * len(entries)
    known = dict(zip(before.column("track_id").tolist(), before.column("split").tolist(), strict=True))
    return [known.get(entry.track_id, "") for entry in entries]


def _texts_before(before: Library | None) -> dict[str, str]:
    if before is None:
        return {}
    columns = (before.caption_column(name).tolist() for name in ("caption_id", "text"))
    return dict(zip(*columns, strict=True))


def _captions(read: Manifest) -> list[Caption]:
    return [
        Caption(caption_id=f"{entry.track_id}#{n}", track_id=entry.track_id, text=text)
        for entry in read.entries
        for n, text in enumerate(entry.captions)
    ]


def _leaks(assigned: Assignment, groups: Sequence[str], entries: Sequence[Entry]) -> list[Problem]:
    """Groups that stand in several explicit splits, as problems of the manifest."""
    first: dict[str, Entry] = {}
    for group, entry in zip(groups, entries, strict=True):
        first.setdefault(group, entry)
    return [
        Problem(
            where=first[c.group].where,
            column="split",
            kind="leak",
            problem=f"the group '{c.group}' stands in {' and '.join(c.claimed)}",
            fix="Put all tracks of a group into one split.",
            effect=f"all of it in {c.split}",
        )
        for c in assigned.conflicts
        if c.source == "manifest"
    ]


def _save(root: Path, read: Manifest, captions: Sequence[Caption], merged: Merged, seed: int, audit: Audit) -> None:
    tracks = [
        Track(
            track_id=entry.track_id,
            path=entry.path,
            title=entry.details.get("title", ""),
            artist=entry.details.get("artist", ""),
            album=entry.details.get("album", ""),
            group=group,
            split=split,
        )
        for entry, group, split in zip(read.entries, merged.groups, merged.splits, strict=True)
    ]
    meta = {
        "manifest": str(read.path),
        "manifest_sha256": read.sha256,
        "audio_root": str(read.audio_root),
        "seed": seed,
        "tracks": len(tracks),
        "captions": len(captions),
    }
    save_library(root, tracks, captions, meta, beside={"audit.json": utf8(to_json(audit.to_dict()))})


def _audit(
    root: Path,
    read: Manifest,
    grouped: _Grouped,
    assigned: Assignment,
    merged: Merged,
    had: Sequence[str],
    before: Library | None,
    seed: int,
    changed: ChangedTexts,
) -> Audit:
    entries = read.entries
    captions = [len(entry.captions) for entry in entries]
    ids = {entry.track_id for entry in entries}
    return Audit(
        library=str(root),
        manifest=str(read.path),
        rows=read.rows,
        tracks=len(entries),
        captions=sum(captions),
        groups=len(set(merged.groups)),
        splits=split_counts(merged.groups, merged.splits, captions),
        seed=seed,
        problems=tuple(read.problems),
        notes=(*read.notes, *changed.lines()),
        repeated_ids={entry.track_id: entry.rows for entry in entries if entry.rows > 1},
        identical_captions=_identical(entries),
        uncaptioned=captions.count(0),
        joins=(*grouped.joins, *merged.joins),
        classes=tuple(grouped.paraphrases.classes),
        refused=grouped.paraphrases.refused,
        conflicts=assigned.conflicts,
        filled=dict(assigned.filled),
        oversized=assigned.oversized,
        moved=tuple(_moved(entries, grouped.groups, merged, had, assigned)),
        gone=tuple(t for t in before.column("track_id").tolist() if t not in ids) if before else (),
        row_wise_leak=row_wise_leak(merged.groups, captions),
        regrouped=merged.record(),
    )


def _identical(entries: Sequence[Entry]) -> dict[str, int]:
    tracks: dict[str, int] = {}
    original: dict[str, str] = {}
    for entry in entries:
        for text in entry.captions:
            key = normalised_text(text)
            tracks[key] = tracks.get(key, 0) + 1
            original.setdefault(key, text)
    shared = sorted(((n, key) for key, n in tracks.items() if n > 1), key=lambda pair: -pair[0])
    return {original[key]: n for n, key in shared}


def _moved(
    entries: Sequence[Entry], groups: Sequence[str], merged: Merged, had: Sequence[str], assigned: Assignment
) -> list[Moved]:
    conflicting = {c.group for c in assigned.conflicts if c.source == "library"}
    moved = []
    for entry, group, now, was in zip(entries, groups, merged.splits, had, strict=True):
        if was and was != now:
            reason = "the manifest says so"
            if group in conflicting or entry.track_id in merged.before:
                reason = "its group was merged with one in an earlier split"
            elif not entry.splits:
                reason = "the vectors that had moved it show no relative any more"
            moved.append(Moved(track_id=entry.track_id, was=was, now=now, reason=reason))
    return moved

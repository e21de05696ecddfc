"""The whole of an ingest, under the library's lock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from antiphon.errors import ManifestError
from antiphon.library.commands import as_typed
from antiphon.library.files import json_file, parquet
from antiphon.library.ingest.before import before_of
from antiphon.library.ingest.grouping import Grouped, group_entries
from antiphon.library.ingest.made import judging_captions, kind_notes, without_taken
from antiphon.library.ingest.moves import leaks_of, moves_of
from antiphon.library.ingest.recipe.options import IngestOptions
from antiphon.library.ingest.recipe.recorded import KEY, left_out, recorded
from antiphon.library.ingest.tables import caption_table, track_table
from antiphon.library.ingest.tagging import Tagging
from antiphon.library.leakage.audit import Audit
from antiphon.library.leakage.identical_texts import distinct_texts
from antiphon.library.leakage.regrouping import Merged, joins_of_audit, joins_with_vectors, merge_joined, unmerged
from antiphon.library.leakage.relatives import Relatives
from antiphon.library.lock import only_writer, require_folder
from antiphon.library.manifest.entries import read_manifest, require_clean
from antiphon.library.manifest.paths.walk import LIBRARY_FILES
from antiphon.library.manifest.rows.entry import Entry
from antiphon.library.manifest.table import Problem, Source
from antiphon.library.metadata.store import METADATA_FILE, metadata_file
from antiphon.library.splits import Assignment, assign, leaked_shares, refill, row_wise_leak, split_counts
from antiphon.library.subsonic.account import is_server
from antiphon.library.tracks import SPLITS, SPLITS_FILE, save_tables
from antiphon.library.vectors.texts import ChangedTexts, changed_texts


def ingest(
    manifest: Source,
    root: Path,
    *,
    seed: int | None = None,
    strict: bool = False,
    options: IngestOptions | None = None,
    more: Sequence[Source] = (),
) -> Audit:
    """Make a library from a manifest, or bring one up to date.

    Every track that the library has already keeps its split; vectors, checkpoints and runs are not touched.

    Parameters
    ----------
    manifest : a table, a folder of music, a data set saved by Hugging Face ``datasets``, a player's database or
        playlist; as text the address of a Subsonic server.
    root : the library's folder, made if absent. One that is damaged is mended.
    seed, strict : as in :class:`IngestOptions`, for short.
    options : everything that can be said.
    more : further tables of the same tracks, or of further ones.

    Raises
    ------
    ManifestError : the manifest cannot be read, or (``strict``) has problems; nothing is written then.
    LibraryError : another process is ingesting into the folder, or it has a newer format.
    """
    options = options or IngestOptions(seed=seed, strict=strict)
    manifest, root = _source(manifest), Path(root)
    more = [_source(item) for item in more]
    require_folder(root)
    with only_writer(root, "writing the tables of"):
        return _Making(manifest, root, options, more).run()


class _Making:
    def __init__(self, manifest: Source, root: Path, options: IngestOptions, more: Sequence[Source]) -> None:
        self._root, self._options = root, options
        self._before = before_of(root)
        _require_apart(manifest, root)
        self._read = read_manifest(manifest, root / "audio", options.manifest, more)
        if options.strict:
            require_clean(self._read.problems, manifest)
        self._tagging = Tagging(self._read, root, tags=options.tags, on_progress=options.on_tags)
        self._tagging.run()
        self._manifest, self._sources = manifest, (manifest, *more)
        self._ids = [entry.track_id for entry in self._read.entries]
        self._seed = next((s for s in (options.seed, self._before.seed) if s is not None), 0)

    def run(self) -> Audit:
        entries, audit_before = self._read.entries, self._before.audit
        contents = self._tagging.contents()
        grouped = group_entries(self._read, paraphrase_joins=self._options.paraphrase_joins, contents=contents)
        assigned, splits = self._assign(grouped)
        later = joins_with_vectors(self._root, joins_of_audit(audit_before))
        keep = self._options.keep_splits
        merged = merge_joined(self._ids, grouped.groups, splits, later, move=not keep)
        assigned, merged = self._refilled(assigned, merged)
        changed = changed_texts(self._root, lambda: _texts(entries), self._before.texts)
        self._metadata, self._notes = self._read.fields.table(self._ids)
        audit = self._audit(grouped, assigned, merged, changed)
        self._save(merged, audit)
        changed.set_aside()
        return audit

    def _assign(self, grouped: Grouped) -> tuple[Assignment, list[str]]:
        entries, options = self._read.entries, self._options
        had = [self._before.splits.get(track_id, "") for track_id in self._ids]
        _, own = unmerged(self._before.audit, self._ids, grouped.groups, had)
        explicit = [tuple(sorted(entry.splits)) for entry in entries]
        assigned = assign(
            grouped.groups,
            seed=self._seed,
            explicit=explicit,
            existing=own,
            captions=judging_captions(entries),
            keep=options.keep_splits,
        )
        if options.strict and not options.keep_splits:
            require_clean(_leaks(assigned, grouped.groups, entries), self._manifest)
        return assigned, assigned.splits_of(grouped.groups, explicit)

    def _refilled(self, assigned: Assignment, merged: Merged) -> tuple[Assignment, Merged]:
        """The same where every split has captions; else with groups that move to the split which joins have emptied."""
        entries = self._read.entries
        filled = refill(
            merged.groups,
            merged.splits,
            seed=self._seed,
            explicit=[tuple(entry.splits) for entry in entries],
            captions=[len(entry.captions) for entry in entries],
            joined=[change.group for change in merged.changes],
            keep=self._options.keep_splits,
        )
        splits = [filled.get(group, split) for group, split in zip(merged.groups, merged.splits, strict=True)]
        return replace(assigned, filled={**assigned.filled, **filled}), replace(merged, splits=splits)

    def _audit(self, grouped: Grouped, assigned: Assignment, merged: Merged, changed: ChangedTexts) -> Audit:
        read, entries = self._read, self._read.entries
        captions = [len(entry.captions) for entry in entries]
        gone = left_out(self._root, self._before.sources, recorded(self._sources, self._options)["sources"])
        joins = (*grouped.joins, *merged.joins)
        relatives = Relatives(self._ids, grouped.base, joins)
        return Audit(
            library=str(self._root),
            manifest=str(read.path),
            rows=read.rows,
            tracks=len(entries),
            captions=sum(captions),
            groups=len(set(merged.groups)),
            splits=split_counts(merged.groups, merged.splits, captions, judging_captions(entries)),
            named=_named(entries, merged.splits),
            seed=self._seed,
            keep_splits=self._options.keep_splits,
            problems=tuple(read.problems),
            notes=(*self._before.notes, *gone, *kind_notes(entries), *read.notes, *self._notes, *changed.lines()),
            renamed=read.renamed,
            repeated_ids={entry.track_id: entry.rows for entry in entries if entry.rows > 1},
            identical_captions=_identical(entries),
            uncaptioned=captions.count(0),
            joins=joins,
            joined_by_captions=grouped.by_captions,
            classes=tuple(grouped.paraphrases.classes),
            refused=grouped.paraphrases.refused,
            conflicts=assigned.conflicts,
            filled=dict(assigned.filled),
            oversized=assigned.oversized,
            moved=tuple(moves_of(entries, merged.splits, self._before.splits, grouped.groups, assigned, relatives)),
            leaks=tuple(leaks_of(self._ids, merged.splits, merged.groups, relatives)),
            gone=tuple(_gone(self._before.splits, self._ids)),
            row_wise_leak=row_wise_leak(merged.groups, captions),
            leaked=leaked_shares(merged.groups, merged.splits, captions),
            tags=self._tagging.report,
            regrouped=merged.record(),
        )

    def _save(self, merged: Merged, audit: Audit) -> None:
        read = self._read
        tracks, captions = track_table(read.entries, merged.groups, merged.splits), caption_table(read.entries)
        meta = {
            "manifest": str(read.path),
            "manifest_sha256": read.sha256,
            "audio_root": str(read.audio_root),
            KEY: recorded(self._sources, self._options),
            "seed": self._seed,
            "keep_splits": self._options.keep_splits,
            "tracks": audit.tracks,
            "captions": audit.captions,
            **self._before.chosen,
        }
        beside = {
            "audit.json": json_file(audit.record()),
            SPLITS_FILE: parquet(tracks.select(["track_id", "group", "split"])),
            METADATA_FILE: metadata_file(self._metadata),
            **without_taken(self._root, self._metadata),
            **self._tagging.beside(),
        }
        save_tables(self._root, tracks, captions, meta, beside=beside)


def _source(manifest: Source) -> Source:
    return manifest if is_server(manifest) else Path(manifest)


def _require_apart(manifest: Source, root: Path) -> None:
    """A manifest that is called as a file of the library must not be written over."""
    own = {(root / name).resolve() for name in LIBRARY_FILES}
    if isinstance(manifest, Path) and manifest.resolve() in own:
        raise ManifestError(
            f"{manifest} has the name of a file that the library in {as_typed(root)} consists of.",
            fix="Make the library in another folder: --library DIR.",
        )


def _texts(entries: Sequence[Entry]) -> dict[str, str]:
    """Caption id → text."""
    return {f"{entry.track_id}#{n}": text for entry in entries for n, text in enumerate(entry.captions)}


def _gone(before: Collection[str], now: Sequence[str]) -> list[str]:
    here = set(now) if before else set()
    return [track_id for track_id in before if track_id not in here]


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


def _named(entries: Sequence[Entry], splits: Sequence[str]) -> dict[str, dict[str, int]]:
    """For each split how many tracks the manifest names for it, and how many of them are in it."""
    named = {split: {"named": 0, "left": 0} for split in SPLITS}
    for entry, now in zip(entries, splits, strict=True):
        for split in entry.splits:
            named[split]["named"] += 1
            named[split]["left"] += split == now
    return {split: counts for split, counts in named.items() if counts["named"]}


def _identical(entries: Sequence[Entry]) -> dict[str, int]:
    """Texts that several captions share, as they first stand, and how many; most first."""
    texts = [text for entry in entries for text in entry.captions]
    same = distinct_texts(texts)
    counts = same.counts
    order = np.argsort(-counts, kind="stable")
    return {texts[same.first[i]]: int(counts[i]) for i in order[counts[order] > 1].tolist()}

"""Trainings of several libraries on the same queries: what is compared, and why other libraries are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import best_checkpoints
from antiphon.errors import LibraryError
from antiphon.evaluate.split_vectors import Splits
from antiphon.library.commands import as_typed
from antiphon.library.pairs import judging_kinds
from antiphon.library.tracks import Library
from antiphon.printed import counted
from antiphon.texts import normalised_text


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """A training that is compared.

    Parameters
    ----------
    name : in the table; the library's stands behind it where it is another one.
    bundle : its best checkpoint.
    splits : of its library.
    """

    name: str
    bundle: Bundle
    splits: Splits


def candidates(root: Path, beside: Sequence[Path], split: str) -> list[Candidate]:
    """Every training of a library, and of others whose queries are the same.

    Raises
    ------
    CheckpointError : nothing was trained in one of them.
    LibraryError : a library's split asks other queries; the message says which.
    """
    first = Splits(root)
    found = [_candidate(path, first, "") for path in best_checkpoints(root)]
    for other in beside:
        splits = Splits(other)
        require_same_queries(first.library, splits.library, split)
        found += [_candidate(path, splits, _label(other, [root, *beside])) for path in best_checkpoints(other)]
    return found


def _candidate(path: Path, splits: Splits, label: str) -> Candidate:
    bundle = Bundle.load(path)
    return Candidate(name=f"{bundle.run} in {label}" if label else bundle.run, bundle=bundle, splits=splits)


def _label(root: Path, every: Sequence[Path]) -> str:
    """A library's folder, by as much of its path as tells it from the others."""
    parts = root.resolve().parts
    for length in range(1, len(parts) + 1):
        if sum(each.resolve().parts[-length:] == parts[-length:] for each in every) == 1:
            return str(Path(*parts[-length:]))
    raise LibraryError(f"{as_typed(root)} is named twice.", fix="Name every library once.")


def require_same_queries(one: Library, other: Library, split: str) -> None:
    """Refuse libraries whose figures on a split are of different questions.

    Raises
    ------
    LibraryError : their tracks or captions differ there; the message counts them and names the first.
    """
    differences = [*_other_tracks(one, other, split), *_other_captions(one, other, split)]
    if differences:
        raise LibraryError(
            f"The {split} splits of {as_typed(one.root)} and {as_typed(other.root)} ask different queries: "
            f"{'; '.join(differences)}.",
            fix="Ingest both from the same table, with a column split that says who is test.",
        )


def _other_tracks(one: Library, other: Library, split: str) -> list[str]:
    ours, theirs = _asked(one, split), _asked(other, split)
    tracks, there = set(ours), set(theirs)
    said = []
    for library, lacking in ((other, sorted(tracks - there)), (one, sorted(there - tracks))):
        if lacking:
            row = library.row_of_track.get(lacking[0])
            where = "is unknown there" if row is None else f"is in {library.column('split')[row] or 'no split'} there"
            where = "has no caption there" if row is not None and library.column("split")[row] == split else where
            said.append(
                f"{counted(len(lacking), 'track')} not asked for in {as_typed(library.root)} ('{lacking[0]}' {where})"
            )
    return said


def _other_captions(one: Library, other: Library, split: str) -> list[str]:
    ours, theirs = _asked(one, split), _asked(other, split)
    differing = [track for track in ours if track in theirs and ours[track] != theirs[track]]
    return [f"other captions of {counted(len(differing), 'track')}, '{differing[0]}' the first"] if differing else []


def _asked(library: Library, split: str) -> dict[str, dict[str, str]]:
    """Track → caption id → normalised text, of the captions that ask the questions of a split."""
    tracks = set(library.column("track_id")[library.tracks_in(split)])
    kinds = judging_kinds(library, split)
    columns = (library.caption_column(name) for name in ("track_id", "caption_id", "text", "kind"))
    found: dict[str, dict[str, str]] = {}
    for track, caption, text, kind in zip(*columns, strict=True):
        if track in tracks and kind in kinds:
            found.setdefault(track, {})[caption] = normalised_text(text)
    return found

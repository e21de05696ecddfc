"""What ingesting the library found, as far as it bears on the figures: counts, leaks that were avoided, warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from antiphon.library.tracks import SPLITS
from antiphon.printed import counted


class AuditSection(NamedTuple):
    """What stands on the page.

    Parameters
    ----------
    splits : headings and a row for each split.
    lines : sentences.
    warnings : what makes figures mean less than they seem to.
    """

    splits: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]
    warnings: tuple[str, ...]


COUNTED = ("tracks", "captions", "groups")


def audit_section(audit: Mapping[str, Any] | None) -> AuditSection | None:
    """From ``audit.json``; None where it is gone, or of a version that said none of this."""
    if audit is None or not isinstance(audit.get("splits"), dict):
        return None
    splits = audit["splits"]
    rows = [(name, *(f"{splits.get(name, {}).get(key, 0):,}" for key in COUNTED)) for name in SPLITS]
    return AuditSection(
        splits=(("split", *COUNTED), *rows),
        lines=tuple(_lines(audit)),
        warnings=(*audit.get("alerts", ()), *audit.get("warnings", ())),
    )


def _lines(audit: Mapping[str, Any]) -> list[str]:
    would, does = audit.get("row_wise_leak") or {}, audit.get("leaked") or {}
    found = []
    if "tracks" in would:
        found.append(
            f"A random split, row by row, would have put a relative of {100 * would['tracks']:.0f} % of the test "
            f"tracks into train; this one does so for {100 * does.get('tracks', 0):.0f} %."
        )
    if joins := audit.get("joins"):
        found.append(f"Relatives that were kept on one side of the split: {counted(len(joins), 'pair')}.")
    if same := audit.get("identical_captions"):
        found.append(
            f"Texts that stand on several tracks: {len(same):,}; each of their tracks counts as a right answer."
        )
    if uncaptioned := audit.get("uncaptioned"):
        found.append(f"Without a caption, and so without a part: {counted(uncaptioned, 'track')}.")
    kinds = audit.get("problem_kinds") or {}
    if kinds:
        told = ", ".join(f"{name} ({number:,})" for name, number in kinds.items())
        found.append(f"Rows that could not be used as they stood: {told}.")
    return found

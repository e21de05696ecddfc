"""Slices as a table, and as sentences about those that are more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.evaluate.compare.slices.findings import LEAST, is_found
from antiphon.evaluate.tables.grid import Grid, best_in_column
from antiphon.metrics.pairing import FEW
from antiphon.printed import counted


def slice_grid(found: Mapping[str, Any]) -> Grid:
    """One row a slice: how many queries, every system's MRR and chance, and the best system's difference to the rest.

    Parameters
    ----------
    found : ``by``, ``systems``, ``slices``, ``too_small``; see :class:`antiphon.evaluate.compare.table.Comparison`.
    """
    systems, rows = found["systems"], found["slices"]
    numbers = [[None, None, None, *(each["MRR"][name] for name in systems)] for each in rows]
    several = len(systems) > 1
    chance = [each["chance"] for each in rows]
    best = best_in_column(list(zip(*numbers, strict=True)), chance=chance) if several and rows else frozenset()
    return Grid(
        title=f"By {found['by']}",
        headings=(found["by"], "tracks", "captions", *systems, "chance", f"{systems[0]} − the rest", "p (Holm)"),
        rows=tuple(_cells(each, systems) for each in rows),
        words=frozenset({found["by"]}),
        best=frozenset((row, column) for column, row in best),
        notes=tuple(slice_lines(found)),
        plain=tuple(_plain(each, systems) for each in rows),
    )


def _cells(each: Mapping[str, Any], systems: list[str]) -> tuple[str, ...]:
    rest = each["against_rest"]
    tracks = "–" if each["tracks"] is None else f"{each['tracks']:,}"
    values = (f"{each['MRR'][name]:.3f}" for name in systems)
    return (
        each["slice"],
        tracks,
        f"{each['captions']:,}",
        *values,
        f"{each['chance']:.3f}",
        f"{rest['difference']:+.3f}",
        f"{rest['p_holm']:.2g}",
    )


def _plain(each: Mapping[str, Any], systems: list[str]) -> dict[str, Any]:
    others = {f"{name}_p_holm": test["p_holm"] for name, test in each["against_leader"].items()}
    return {
        "slice": each["slice"],
        "tracks": each["tracks"],
        "captions": each["captions"],
        **{f"{name}_MRR": each["MRR"][name] for name in systems},
        "chance_MRR": each["chance"],
        **others,
        "minus_rest": each["against_rest"]["difference"],
        "minus_rest_p_holm": each["against_rest"]["p_holm"],
    }


def slice_lines(found: Mapping[str, Any]) -> list[str]:
    """What is more than chance, and of how many tests; what was too small to be one."""
    rows, leader = found["slices"], found["systems"][0]
    said = [line for each in rows for line in _of_slice(found["by"], each, leader)]
    n_tests = sum(1 + len(each["against_leader"]) for each in rows)
    if rows and not said:
        said.append(
            f"No slice by {found['by']} differs by more than chance ({counted(n_tests, 'test')}, Holm's correction)."
        )
    elif said:
        said.append(f"All else by {found['by']} may be chance ({counted(n_tests, 'test')}, Holm's correction).")
    if several := found.get("in_several"):
        said.append(f"{counted(several, 'track')} of several values of {found['by']}: counted in the slice of each.")
    if found["too_small"]:
        small = counted(found["too_small"], "slice")
        said.append(
            f"Not shown: {small} by {found['by']} with fewer than {LEAST} queries or {FEW} groups, inside or outside."
        )
    return said


def _of_slice(by: str, each: Mapping[str, Any], leader: str) -> list[str]:
    where = f"{by} {each['slice']}"
    said = []
    rest = each["against_rest"]
    if is_found(rest):
        verb = "easier" if rest["difference"] > 0 else "harder"
        said.append(
            f"{where} is {verb} than the rest: MRR {each['MRR'][leader]:.3f} of {leader}, {each['rest']:.3f} elsewhere "
            f"(p = {rest['p_holm']:.2g})."
        )
    for name, test in each["against_leader"].items():
        if is_found(test):
            verb = "better" if test["difference"] > 0 else "worse"
            said.append(
                f"On {where} {name} is {verb} than {leader}: MRR {test['difference']:+.3f} (p = {test['p_holm']:.2g})."
            )
    return said

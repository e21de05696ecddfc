"""Figures of whole result lists (``evaluate --k``) as a table for people: one column a K."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from antiphon.metrics.figures import label, written

OF_RANKS = {"success": 100.0, "MRR": 1.0, "median_rank": 1.0}
"""Figures that the table of ranks above has too, success@K as R@K, but without ceiling → the best there is."""
IN_A_LINE, CELL = 3, 20
"""K that stand side by side, and the characters that each has."""


def list_lines(lists: Mapping[str, Any], figures: Mapping[str, Any]) -> list[str]:
    """Figures of whole result lists (``evaluate --k``), each with its interval, chance and ceiling.

    One column a K, and in the line below chance and the most that any model could reach. Those that are the
    same as others at every K, as nDCG with either gain where nothing is graded, are named in a line.

    Parameters
    ----------
    figures : of ranks, which stand above: success at K is R@K where every query is asked by both.
    """
    if not lists:
        return []
    values = {key: figure["value"] for key, figure in lists.items()}
    above = {"R": _at_k(figures, "R")} if _stands_above(lists, "success") else {}
    same = _repeated({**above, **{name: _at_k(values, name) for name in _families(values)}})
    told = [name for name in _families(values) if name not in same]
    ks = sorted({int(key.split("@")[1]) for key in values if "@" in key})
    blocks = [ks[start : start + IN_A_LINE] for start in range(0, len(ks), IN_A_LINE)]
    rows = [_alone(key, figure) for key, figure in lists.items() if "@" not in key and not _stands_above(lists, key)]
    rows += [line for block in blocks for line in _block(lists, told, block)]
    return [*rows, *(f"  {label(name)}@K is {label(other)}@K here." for name, other in same.items())]


def _block(lists: Mapping[str, Any], names: Sequence[str], ks: Sequence[int]) -> list[str]:
    """Figures at some K side by side: each with its interval, and below it chance and ceiling."""
    said = [f"  {'at K [95 %]':<18}" + "".join(f"{f'@{k}':>{CELL}}" for k in ks)]
    for name in names:
        figures = [(f"{name}@{k}", lists[f"{name}@{k}"]) for k in ks]
        said.append(f"  {label(name):<18}" + "".join(f"{_value(key, each):>{CELL}}" for key, each in figures))
        said.append(f"  {'  chance / ceiling':<18}" + "".join(f"{_span(key, each):>{CELL}}" for key, each in figures))
    return said


def _value(key: str, figure: Mapping[str, Any]) -> str:
    known = [end for end in figure.get("ci95", ()) if end is not None]
    ends = f" [{'–'.join(_short(key, end) for end in known)}]" if known else ""
    return f"{_short(key, figure['value'])}{ends}"


def _span(key: str, figure: Mapping[str, Any]) -> str:
    return f"{_short(key, figure['chance'])} / {_short(key, figure['ceiling'])}"


def _short(key: str, value: float) -> str:
    """As many digits as fit side by side: percent with one, others with three."""
    return f"{value:.1f}" if written(key, value).endswith("%") else f"{value:.3f}"


def _alone(key: str, figure: Mapping[str, Any]) -> str:
    """A figure that has no K."""
    ends = f", 95 % {interval(key, figure['ci95'])}" if "ci95" in figure else ""
    value, chance, ceiling = (written(key, figure[name]) for name in ("value", "chance", "ceiling"))
    return f"  {label(key):<12}{value:>9}{ends}; chance {chance}, ceiling {ceiling}"


def _families(values: Mapping[str, float]) -> list[str]:
    """Names of the figures at K, in their order."""
    return list(dict.fromkeys(key.split("@")[0] for key in values if "@" in key))


def _stands_above(lists: Mapping[str, Any], name: str) -> bool:
    """Whether a figure needs no row of its own: it is one of ranks, and no duplicates or equal texts bound it."""
    best, ceilings = OF_RANKS.get(name), [each["ceiling"] for key, each in lists.items() if key.split("@")[0] == name]
    return best is not None and all(math.isclose(ceiling, best) for ceiling in ceilings)


def _at_k(values: Mapping[str, Any], name: str) -> dict[int, float]:
    """K → value of one figure at K."""
    return {int(key.split("@")[1]): value for key, value in values.items() if key.startswith(f"{name}@")}


def _repeated(families: Mapping[str, Mapping[int, float]]) -> dict[str, str]:
    """Figures whose values another one before them has at each of their K → that one."""
    found: dict[str, str] = {}
    for name, own in families.items():
        for other, theirs in families.items():
            if other == name:
                break
            if other not in found and all(math.isclose(value, theirs.get(k, math.nan)) for k, value in own.items()):
                found[name] = other
                break
    return found


def interval(key: str, ends: Sequence[float | None]) -> str:
    """Both ends for people; of one group there are none."""
    known = [end for end in ends if end is not None]
    return " – ".join(written(key, end) for end in known) if known else "one group: none"

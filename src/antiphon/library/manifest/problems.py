"""Problems of a manifest for people: a few one by one, many by their kind with the first of each."""

from __future__ import annotations

from collections.abc import Sequence

from antiphon.library.manifest.table import LONGEST, Problem
from antiphon.printed import counted

FEW = 20
"""Problems that are listed one by one; of more, each kind is told with its number."""
EXAMPLES = 3


def problem_lines(problems: Sequence[Problem], rest: str = "") -> list[str]:
    """A line each where there are few; else for each kind its number, what was done, the fix, and the first rows.

    Parameters
    ----------
    problems : in the order of the manifest.
    rest : where all of them stand (" in audit.json"); "" where nowhere.

    Examples
    --------
    >>> many = [Problem(where=f"m.csv:{n}", column="id", problem="no id", fix="Write an id.", kind="missing id")
    ...         for n in range(2, 1502)]
    >>> print("\\n".join(problem_lines(many, ", all in audit.json")))
    1,500 × missing id (row skipped) → Write an id.
      m.csv:2, column 'id': no id
      m.csv:3, column 'id': no id
      m.csv:4, column 'id': no id
      … and 1,497 more, all in audit.json
    """
    if len(problems) <= FEW:
        return [str(problem) for problem in problems]
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.kind, []).append(problem)
    return [line for kind, alike in kinds.items() for line in _kind_lines(kind, alike, rest)]


def _kind_lines(kind: str, alike: Sequence[Problem], rest: str) -> list[str]:
    first, more = alike[:EXAMPLES], len(alike) - EXAMPLES
    effects, fixes = {problem.effect for problem in alike}, {problem.fix for problem in alike}
    shared = len(effects) == len(fixes) == 1
    head = f"{len(alike):,} × {kind}" + (f" ({first[0].effect}) → {first[0].fix}" if shared else "")
    lines = [f"  {_short(problem) if shared else problem}" for problem in first]
    return [head, *lines, *([f"  … and {more:,} more{rest}"] if more > 0 else [])]


def _short(problem: Problem) -> str:
    """A problem without what its kind says of all."""
    column = f", column '{problem.column}'" if problem.column else ""
    said = problem.problem if len(problem.problem) <= LONGEST else f"{problem.problem[:LONGEST]}…"
    return f"{problem.where}{column}: {said}"


def of_kinds(problems: Sequence[Problem]) -> str:
    """How many there are, with what became of rows: ``"1,500 problems in the manifest; 20 rows were left out"``."""
    skipped = sum("skipped" in problem.effect or "left out" in problem.effect for problem in problems)
    lost = f"; {skipped:,} {'row or file was' if skipped == 1 else 'rows or files were'} left out" if skipped else ""
    kinds = len({problem.kind for problem in problems})
    number = counted(len(problems), "problem")
    if len(problems) > FEW:
        number = f"{counted(kinds, 'kind')} of problem, {len(problems):,} in all,"
    return f"{number} in the manifest{lost}"

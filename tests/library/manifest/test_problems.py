"""A fault that thousands of rows have is told once: how many, the first three, the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.manifest.problems import EXAMPLES, FEW, of_kinds, problem_lines
from antiphon.library.manifest.table import Problem

N = 1200


def _rows(bad: str, good: str = "t{n},calm piano {n}") -> str:
    return "".join((bad if n % 2 else good).format(n=n) + "\n" for n in range(N))


@pytest.mark.parametrize(
    ("kind", "name", "text", "fix"),
    [
        ("empty caption", "m.csv", "id,caption\n" + _rows("t{n},"), "Write a caption."),
        ("placeholder", "m.csv", "id,caption\n" + _rows("t{n},TODO"), "Leave the cell empty, or describe it."),
        ("missing id", "m.csv", "id,caption\n" + _rows(",calm {n}"), "Write an id."),
        ("missing file", "m.csv", "id,audio,caption\nx,m.csv,x\n" + _rows("t{n},no.wav,x", "t{n},m.csv,x"), "Paths"),
        ("ragged row", "m.csv", "id,caption\n" + _rows("t{n},calm,loud"), "Put a cell that has ','"),
        ("repeated caption", "m.csv", "id,caption\n" + _rows("same,calm"), "Leave it out."),
        ("broken list", "m.csv", "id,captions\n" + _rows('t{n},"[""a"", ""b"'), 'Write ["one caption", "another"].'),
        ("unknown kind", "m.csv", "id,caption,caption_kind\n" + _rows("t{n},x,robot", "t{n},x,human"), "Kinds: human"),
        (
            "broken JSON",
            "m.jsonl",
            _rows('{{"id": "t{n}"', '{{"id": "t{n}", "caption": "calm {n}"}}'),
            "Write one JSON object on each line.",
        ),
    ],
)
def test_thousands_of_one_fault_are_a_few_lines(tmp_path: Path, kind: str, name: str, text: str, fix: str) -> None:
    (tmp_path / name).write_text(text)
    audit = ingest(tmp_path / name, tmp_path / "lib", options=IngestOptions(paraphrase_joins=False))
    alike = [problem for problem in audit.problems if problem.kind == kind]
    assert len(alike) >= N // 2 - 1
    lines = audit.lines()
    (head,) = [n for n, line in enumerate(lines) if f"{len(alike):,} × {kind} (" in line]
    assert f"→ {fix}" in lines[head]
    assert [line.split(":")[0].strip() for line in lines[head + 1 : head + 4]] == [name] * EXAMPLES
    assert lines[head + 4] == f"    … and {len(alike) - 3:,} more, all in audit.json"
    assert len(lines) < 30
    strict = IngestOptions(strict=True)
    with pytest.raises(ManifestError, match=f"{len(alike):,} × {kind}") as told:
        ingest(tmp_path / name, tmp_path / "strict", options=strict)
    assert len(str(told.value).splitlines()) < 15


def _problem(number: int, kind: str, fix: str = "Write it.") -> Problem:
    return Problem(where=f"m.csv:{number}", column="", problem="odd", fix=fix, kind=kind)


def test_a_few_are_listed_whole_whatever_their_kind() -> None:
    few = [_problem(n, f"kind {n % 3}") for n in range(FEW)]
    assert problem_lines(few) == [str(problem) for problem in few]
    assert of_kinds(few) == f"{FEW} problems in the manifest; {FEW} rows or files were left out"
    assert of_kinds(few[:1]) == "1 problem in the manifest; 1 row or file was left out"


def test_a_frequent_kind_hides_no_rare_one_and_fixes_that_differ_stand_by_their_rows() -> None:
    many = [*[_problem(n, "often", f"Write {n}.") for n in range(FEW)], _problem(99, "rare")]
    assert problem_lines(many) == [
        "20 × often",
        *[f"  {problem}" for problem in many[:3]],
        "  … and 17 more",
        "1 × rare (row skipped) → Write it.",
        "  m.csv:99: odd",
    ]
    assert of_kinds(many).startswith("2 kinds of problem, 21 in all, in the manifest; 21 rows")

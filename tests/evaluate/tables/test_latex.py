"""LaTeX tables: what a parser of LaTeX reads out of them is what stood in the cells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexMacroNode, LatexNode, LatexWalker

from antiphon.evaluate.compare.row import IN_PAPER
from antiphon.evaluate.tables.grid import Grid, Paper
from antiphon.evaluate.tables.latex import NAMES, escaped, to_latex

PRINTABLE = "".join(chr(code) for code in range(33, 127))
TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "`", "ˆ": "^", "˜": "~"})
"""As a parser may show marks that stand alone."""
ASIS = st.text(alphabet=PRINTABLE + " äßéñ", max_size=20)


def parsed(text: str) -> list[LatexNode]:
    """Its nodes; unbalanced braces and environments are errors."""
    return LatexWalker(text, tolerant_parsing=False).get_latex_nodes()[0]


def shown(latex: str) -> str:
    return LatexNodes2Text(math_mode="text", strict_latex_spaces=True).latex_to_text(latex)


@given(ASIS)
def test_what_is_printed_is_what_stood_there(text: str) -> None:
    latex = escaped(text)
    parsed(latex)
    wanted = " ".join(text.split())
    assert shown(latex).replace("−", "-").translate(TYPOGRAPHIC) == wanted


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("R@1 37.3% (−0.1–0.2)", r"R@1 37.3\% ({$-$}0.1--0.2)"),
        ("-0.100", "{$-$}0.100"),
        ("mid-tempo 3-4", "mid-tempo 3-4"),
        (r"\input{x}_#&$~^", r"\textbackslash{}input\{x\}\_\#\&\$\textasciitilde{}\textasciicircum{}"),
        ("a--b ``c'' ?`", "a-{}-b `{}`c'{}' ?{}`"),
        ("two\nlines\x00\u2028here", "two lines here"),
    ],
)
def test_marks_of_latex_mean_themselves(text: str, latex: str) -> None:
    assert escaped(text) == latex


def grid() -> Grid:
    return Grid(
        title="Encoders & text_sides",
        headings=("name", "R@1 %"),
        rows=(("muq_x & mert\\", "1.0"), ("[a] * b", "2.0"), ("*", "0.5")),
        words=frozenset({"name"}),
        best=frozenset({(1, 1)}),
        notes=("a note\n\\end{document}",),
    )


def test_a_table_is_one_booktabs_table_with_as_many_cells_in_each_row() -> None:
    text = to_latex(grid())
    (table,) = [node for node in parsed(text) if isinstance(node, LatexEnvironmentNode)]
    (tabular,) = [node for node in table.nodelist if isinstance(node, LatexEnvironmentNode)]
    assert (table.environmentname, tabular.environmentname) == ("table", "tabular")
    macros = [node.macroname for node in tabular.nodelist if isinstance(node, LatexMacroNode)]
    assert [name for name in macros if name.endswith("rule")] == ["toprule", "midrule", "bottomrule"]
    body = text[text.index(r"\toprule") : text.index(r"\bottomrule")]
    rows = [line.strip() for line in body.splitlines() if line.rstrip().endswith(r"\\")]
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [1] * 4
    assert r"\begin{tabular}{lr}" in text
    assert r"\label{tab:encoders-text-sides}" in text


LINE = 345
"""Points of a line of LaTeX's article."""
WIDTHS = {
    **dict.fromkeys("0123456789", 4.25),
    **dict.fromkeys(".,:;'-ijl|", 2.4),
    " ": 2.83,
    "%": 7.1,
    "(": 3.3,
    ")": 3.3,
}
"""Points of Computer Modern's characters at 8 points; others are 8 at most, capitals nearly."""


def width(text: str) -> float:
    return sum(WIDTHS.get(mark, 6.5 if mark.isupper() else 4.6) for mark in text)


def test_what_stands_in_a_paper_fits_its_line() -> None:
    """The longest texts that the figures can have, beside the names of four encoders joined."""
    interval, name = "0.256 (0.210–0.301)", "timbre+harmony+rhythm+musicnn_serving cca"
    wide = Grid(
        title="T",
        headings=tuple(dict.fromkeys(["encoder", "left out", *IN_PAPER])),
        rows=((name, "x" * 99, "100.0%", "100.0%", interval, interval, "1848.0"),),
        words=frozenset({"encoder"}),
        best=frozenset({(0, 4)}),
        paper=Paper(columns=IN_PAPER, caption="Of 9 captions"),
    )
    text = to_latex(wide)
    (table,) = [node for node in parsed(text) if isinstance(node, LatexEnvironmentNode)]
    (tabular,) = [node for node in table.nodelist if isinstance(node, LatexEnvironmentNode)]
    assert tabular.environmentname == "tabular*"
    assert r"\caption{Of 9 captions}" in text
    assert "x" * 99 not in text
    (row,) = [line for line in text.splitlines() if "timbre" in line]
    assert r"timbre+\allowbreak{}harmony+\allowbreak{}rhythm" in row
    assert r"musicnn\_\allowbreak{}serving cca & 100.0\%" in row
    assert r"\textbf{0.256} (0.210--0.301) &" in row
    cells = dict(zip(wide.headings, wide.rows[0], strict=True))
    natural = [
        max(width(called), width(cells[heading])) for heading, called in IN_PAPER.items() if heading != "encoder"
    ]
    assert NAMES * LINE + sum(natural) + 2 * 3 * len(natural) <= LINE
    assert max(width(part) for part in re.split(r"(?<=[+_ ])", name)) <= NAMES * LINE


def test_the_best_is_bold_and_a_row_cannot_begin_like_an_argument_of_the_break_before_it() -> None:
    text = to_latex(grid())
    assert r"{}[a] * b & \textbf{2.0} \\" in text
    assert r"{}* & 0.5 \\" in text


def test_a_note_cannot_leave_its_comment() -> None:
    text = to_latex(grid())
    assert r"% a note \end{document}" in text.splitlines()
    assert not [line for line in text.splitlines() if line.startswith(r"\end{document}")]

"""Systems side by side: names of any length stay inside the picture and off one another."""

from __future__ import annotations

import pytest

from antiphon.evaluate.report.pictures.canvas import COLUMN, NARROW, WIDE, Canvas, Size, drawn
from antiphon.evaluate.report.pictures.systems import System, Systems, in_lines

LONG = "timbre+harmony+rhythm+musicnn,muq+mert@minilm+sentence-transformers/all-mpnet-base-v2 no hubness correction"


def systems(*names: str) -> Systems:
    both = {"MRR": 0.4, "chance": {"MRR": 0.05}, "ci95": {"MRR": [0.3, 0.5]}}
    return Systems(split="test", systems=tuple(System(name, True, {"t2a": both, "a2t": both}) for name in names))


@pytest.mark.parametrize("size", [NARROW, COLUMN, WIDE])
def test_long_names_stand_inside_the_picture_and_off_one_another(size: Size) -> None:
    picture, boxes = systems(LONG, "muq", LONG.replace("muq", "clap"), "x" * 150), []

    def watched(canvas: Canvas) -> None:
        picture.draw(canvas)
        canvas.figure.draw_without_rendering()
        (axes,) = canvas.figure.axes
        shown = [*axes.get_yticklabels(), *axes.texts]
        boxes.extend(text.get_window_extent() for text in shown if text.get_text())

    drawn(watched, size, picture.height(size), "svg")
    assert len(boxes) == 4
    for at, box in enumerate(boxes):
        assert 0 <= box.x0 < box.x1 <= size.width
        assert 0 <= box.y0 < box.y1 <= picture.height(size)
        assert not any(box.overlaps(other) for other in boxes[at + 1 :])


def test_names_break_behind_their_marks() -> None:
    assert in_lines("timbre+harmony+rhythm@minilm", 15) == "timbre+harmony+\nrhythm@minilm"
    assert in_lines("muq", 3) == "muq"
    assert in_lines("abcdefgh+ij", 5) == "abcde\nfgh+\nij"
    assert in_lines("muq cca", 4) == "muq\ncca"

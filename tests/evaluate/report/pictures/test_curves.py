from __future__ import annotations

import pytest

from antiphon.evaluate.doctor.diagnose import examine
from antiphon.evaluate.report.drawn import curves_of
from antiphon.evaluate.report.material import Training
from antiphon.evaluate.report.pictures import canvas as canvases
from antiphon.evaluate.report.pictures.curves import Curves, marks_of
from tests.helpers.evaluated.made_course import HUGE, TURNED, case, course, healthy


def drawn(case_) -> Curves:
    found = curves_of(Training(name=case_.name, diagnosis=examine(case_), case=case_))
    assert found is not None
    return found


def overfitting():
    train = [6 - 0.45 * i for i in range(len(TURNED))]
    return case(course(train, TURNED, [5.0, 10, 15, 20, 19, 18, 16, 15, 13, 12, 11, 10]))


def test_marks_stand_at_the_epochs_that_the_doctor_s_findings_are_about():
    found = drawn(overfitting())
    assert [(mark.number, mark.epoch) for mark in found.marks] == [(1, 4), (2, 4), (2, 12)]
    assert "overfitting" in found.marks[-1].text
    assert found.marks[-1].severity == "warning"


def test_the_best_epoch_is_marked_though_nothing_was_found():
    best = healthy().best
    (mark,) = marks_of([], best, "muq")
    assert (mark.epoch, mark.text) == (best.epoch, "Best on val, kept as muq_best_r1.pt")


def test_every_number_of_the_history_is_in_the_table():
    case_ = healthy(6)
    table = drawn(case_).table()
    assert [row[0] for row in table.rows] == ["1", "2", "3", "4", "5", "6"]
    column = table.headings.index("Loss: val")
    assert [row[column] for row in table.rows] == [f"{record.val_loss:.4g}" for record in case_.history]


def test_without_val_its_panels_are_left_out():
    history = tuple(
        record.__class__(**{**vars(record), "val": None, "val_loss": None}) for record in healthy(5).history
    )
    titles = [panel.title for panel in Curves(training="muq", history=history, chance=HUGE).panels()]
    assert titles == ["Loss", "Learning rate", "Temperature", "Gradient norm"]


def test_closed_forms_and_fusions_have_no_curves():
    case_ = healthy(1)
    assert curves_of(Training(name="muq", diagnosis=examine(case_), case=case_)) is None
    assert curves_of(Training(name="muq,mert", diagnosis=examine(case_), case=None)) is None


@pytest.mark.parametrize("size", [canvases.COLUMN, canvases.WIDE])
def test_names_of_lines_stand_inside_the_picture(size: canvases.Size):
    picture, boxes = drawn(healthy(20)), []

    def watched(canvas: canvases.Canvas) -> None:
        picture.draw(canvas)
        canvas.figure.draw_without_rendering()
        canvas.figure.draw_without_rendering()
        boxes.extend(each.get_legend().get_window_extent() for each in canvas.figure.axes if each.get_legend())

    canvases.drawn(watched, size, picture.height(size), "svg")
    assert len(boxes) == 3
    assert all(0 <= box.x0 < box.x1 <= size.width for box in boxes), [box.x1 for box in boxes]

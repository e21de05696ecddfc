from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.errors import AntiphonError, ConfigError
from antiphon.evaluate.report.pictures.canvas import COLUMN, TEXT
from antiphon.evaluate.report.plot import form_of, plot, size_of
from tests.helpers.libraries.hostile import FIRST


def test_a_picture_is_written_in_the_form_that_its_file_names(root, tmp_path):
    for name, begins in (("a.svg", b"<?xml"), ("b.PNG", b"\x89PNG"), ("c.pdf", b"%PDF")):
        plot(root, FIRST, "ranks", tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_command_says_what_is_to_be_seen(root, tmp_path, capsys):
    out = tmp_path / "curves.svg"
    app(["plot", "curves", FIRST, "-o", str(out), "--library", str(root)], result_action="return_value")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{out}: Curves of {FIRST}."
    assert said[1].startswith("4 epochs, text to audio MRR ")


def test_words_of_the_library_are_words_in_a_paper_s_picture_too(root, tmp_path):
    import xml.etree.ElementTree as ET

    plot(root, FIRST, "map", tmp_path / "map.svg", colour="mood")
    root_element = ET.fromstring((tmp_path / "map.svg").read_text(encoding="utf-8"))
    assert not list(root_element.iter("{http://www.w3.org/2000/svg}script"))
    words = {element.text for element in root_element.iter("{http://www.w3.org/2000/svg}text")}
    assert "<script>document.title='owned'</script>" in words


@pytest.mark.parametrize(
    ("width", "size"), [("column", COLUMN), ("text", TEXT), ("5.5", 5.5 * 72), (3, 216.0)], ids=str
)
def test_widths_are_named_or_in_inches(width, size):
    found = size_of(width)
    assert found == size or found.width == size


@pytest.mark.parametrize("width", ["wide", "0", "-3", "100", "nan", "inf"])
def test_what_is_no_width_is_refused(width):
    with pytest.raises(ConfigError, match="is no width"):
        size_of(width)


def test_what_cannot_be_drawn_is_refused(root, tmp_path):
    with pytest.raises(ConfigError, match="does not say what form it has"):
        form_of(Path("picture.gif"))
    with pytest.raises(ConfigError, match="There is no picture 'pie'") as refused:
        plot(root, FIRST, "pie", tmp_path / "a.svg")
    assert "curves, ranks, map, encoders, layers" in refused.value.fix
    with pytest.raises(AntiphonError, match="mixes no layers"):
        plot(root, FIRST, "layers", tmp_path / "a.svg")
    assert not list(tmp_path.iterdir())

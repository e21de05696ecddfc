"""A training on the vectors of two text encoders side by side: its queries are read by both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.model import Model
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble import closed_forms
from antiphon.align.ensemble.linear.look import NOT_MEASURED
from antiphon.align.heads.projection_head import ProjectionHead
from antiphon.align.train import train
from antiphon.align.train_result import TrainResult
from antiphon.embed import embed_text, load_text_encoder
from antiphon.errors import ConfigError, EmbeddingError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.imports import import_embeddings
from antiphon.registry import LoadOptions
from antiphon.search.searcher import Searcher
from tests.helpers.encoders.tiny_sentence_model import make_described_library, save_sentence_model

TEXT = "tiny-words+wide-words"
CONFIG = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2, batch_size=16, patience=0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainResult:
    """On captions that two tiny sentence models have read."""
    root = tmp_path_factory.mktemp("joined") / "library"
    make_described_library(root, save_sentence_model(root.parent / "narrow"))
    wide = save_sentence_model(root.parent / "wide", size=24).rename(root.parent / "wide" / "wide-words")
    embed_text(root, str(wide), options=LoadOptions(device="cpu"))
    with pytest.MonkeyPatch.context() as patch:  # kernel CCAs, whatever the look finds on so few tracks
        patch.setattr(closed_forms, "look", lambda *_, **__: NOT_MEASURED)
        return train(root, "made", text=TEXT, config=CONFIG)


@pytest.fixture(scope="module")
def root(trained: TrainResult) -> Path:
    return trained.checkpoints["best_r1"].parents[1]


def test_the_encoder_of_joined_vectors_gives_them(root: Path) -> None:
    stored = open_embedding(Library(root), "text", TEXT)
    encoder = load_text_encoder(stored.provenance)
    assert (encoder.card.name, encoder.card.layout) == (TEXT, stored.provenance.layout)
    texts = Library(root).caption_column("text")[:3].tolist()
    ids = Library(root).caption_column("caption_id")[:3].tolist()
    np.testing.assert_allclose(encoder.encode(texts), stored.take(ids), atol=2e-3)
    assert encoder.encode([]).shape == (0, 40)
    assert encoder.most_tokens == 32
    assert encoder.cut(["slow piano", "slow " * 40]) == [False, True]


def test_heads_and_closed_forms_read_both(trained: TrainResult) -> None:
    bundle = Bundle.load(trained.checkpoints["best_r1"])
    assert (bundle.run, bundle.text_encoder) == (f"made@{TEXT}", TEXT)
    assert [source.encoder for source in bundle.text_provenance.sources] == TEXT.split("+")
    kernels, heads = bundle.space.text
    assert isinstance(heads, ProjectionHead)
    assert heads.sources is not None
    kinds = np.asarray(kernels.balance)
    assert kinds[:16].any()
    assert kinds[16:].any()


def test_evaluation_diagnosis_and_search_work_with_it(trained: TrainResult, root: Path) -> None:
    best = trained.checkpoints["best_r1"]
    found = evaluate(root, best)
    assert found["text_encoder"] == TEXT
    assert set(found["baselines"]) == {"ridge", "cca"}
    assert diagnose(root, trained.name).findings
    searcher = Searcher(root, best)
    query = "slow sad piano"
    assert len(searcher.search(query, k=5)) == 5
    sides = [load_text_encoder(source).encode([query]) for source in Bundle.load(best).text_provenance.sources]
    expected = Bundle.load(best).embed_text(np.concatenate(sides, axis=1))
    np.testing.assert_allclose(Model.load(best).embed_text([query]), expected, atol=1e-6)
    assert any("longer than 32 tokens" in said for said in searcher.remarks("slow " * 40))


def test_several_text_encoders_are_not_fine_tuned_as_one(root: Path) -> None:
    pytest.importorskip("peft")
    tuned = TrainConfig(**{**CONFIG.to_dict(), "finetune_text": "lora"})
    with pytest.raises(ConfigError, match=r"changes one text encoder(.|\n)*--text tiny-words --finetune-text lora"):
        train(root, "made", text=TEXT, name="tuned", config=tuned)


def test_a_comma_joins_no_text_encoders(root: Path) -> None:
    with pytest.raises(ConfigError, match=r"names no text encoder(.|\n)*--text tiny-words\+wide-words"):
        train(root, "made", text=TEXT.replace("+", ","), config=CONFIG)


def test_joined_with_imported_vectors_it_is_measured_and_asks_nothing(root: Path, tmp_path: Path) -> None:
    library = Library(root)
    ids = library.caption_column("caption_id")
    (tmp_path / "ids.txt").write_text("\n".join(ids))
    np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(len(ids), 4)))
    import_embeddings(root, "mine", tmp_path / "v.npy", kind="text", ids=tmp_path / "ids.txt")
    result = train(root, "made", text="tiny-words+mine", config=TrainConfig(epochs=0))
    assert evaluate(root, result.checkpoints["best_r1"], baselines=False)["text_encoder"] == "tiny-words+mine"
    with pytest.raises(EmbeddingError, match="'mine' were imported"):
        Model.load(result.checkpoints["best_r1"]).embed_text(["slow piano"])

"""Text sides as graphs: sentence models of every family that has one, alone, side by side and fine-tuned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.adapter import Adapter
from antiphon.align.checkpoint.text_encoder import AdaptedEncoder
from antiphon.embed.joined_text import JoinedTextEncoder
from antiphon.encoders import sentence
from antiphon.errors import CheckpointError
from antiphon.layout import Layout
from antiphon.registry import LoadOptions, TextEncoder
from antiphon.search.light.graphs.making import write_text_side
from antiphon.search.light.graphs.sources import CHECKED_ON
from antiphon.search.light.graphs.unexportable import Unexportable
from antiphon.search.light.text_side import TextSide
from tests.helpers.checkpoints.sentence import Form, write_sentence_model
from tests.helpers.trained.light import bundle_for

TEXTS = [*CHECKED_ON, "slow sad piano a fast happy violin " * 9]


def tiny(folder: Path, form: Form, **changes: str) -> TextEncoder:
    model = write_sentence_model(folder / form, form, **changes)  # type: ignore[arg-type]
    return sentence.load(sentence.card_for(str(model)), LoadOptions(device="cpu"))


@pytest.mark.parametrize("form", ["bert", "mpnet"])
def test_a_sentence_model_reads_as_it_does_by_torch(form: Form, tmp_path: Path) -> None:
    encoder = tiny(tmp_path, form)
    bundle = bundle_for(encoder)
    apart = write_text_side(bundle, encoder, tmp_path / "side", texts=["", "more"])
    side = TextSide(tmp_path / "side")
    np.testing.assert_allclose(side.encoder.encode(TEXTS), encoder.encode(TEXTS), atol=2e-6)
    np.testing.assert_allclose(side.embed(TEXTS), bundle.embed_text(encoder.encode(TEXTS)), atol=1e-5)
    assert side.encoder.cut(TEXTS) == encoder.cut(TEXTS)  # type: ignore[attr-defined]
    assert side.about["checked"] == {"texts": len(CHECKED_ON) + 1, "largest_difference": apart}
    assert side.encoder.encode([]).shape == (0, 16)


def test_several_side_by_side_read_as_one(tmp_path: Path) -> None:
    encoder = JoinedTextEncoder([tiny(tmp_path / "a", "bert"), tiny(tmp_path / "b", "mpnet")])
    encoder.sources[1].card = encoder.sources[1].card.__class__(**{**vars(encoder.sources[1].card), "name": "second"})
    write_text_side(bundle_for(encoder), encoder, tmp_path / "side")
    np.testing.assert_allclose(TextSide(tmp_path / "side").encoder.encode(TEXTS), encoder.encode(TEXTS), atol=2e-6)


@pytest.mark.parametrize("form", ["bert", "mpnet"])
def test_what_fine_tuning_added_is_in_the_weights(form: Form, tmp_path: Path) -> None:
    frozen, rng = tiny(tmp_path, form), torch.Generator().manual_seed(0)
    name = f"encoder.layer.0.{'attention.self.query' if form == 'bert' else 'attention.attn.v'}"
    added = (torch.randn(2, 16, generator=rng), torch.randn(16, 2, generator=rng))
    adapter = Adapter(
        lower=1,
        scale=0.5,
        weights={name: added, "encoder.layer.0.output.dense": (added[0][:, :1].expand(2, 32), added[1])},
    )
    wide = replace(frozen.card, layout=Layout.flat(32))
    bundle = replace(bundle_for(SimpleNamespace(card=wide)), adapter=adapter)  # type: ignore[arg-type]
    encoder = AdaptedEncoder(frozen, bundle)
    write_text_side(bundle, encoder, tmp_path / "side")
    both = TextSide(tmp_path / "side").encoder.encode(TEXTS)
    np.testing.assert_allclose(both, encoder.encode(TEXTS), atol=5e-6)
    assert np.abs(both[:, :16] - both[:, 16:]).max() > 1e-3


@pytest.mark.parametrize(("form", "pooling"), [("xlm-roberta", "mean"), ("bert", "cls"), ("qwen3", "lasttoken")])
def test_models_without_a_graph_are_refused(form: Form, pooling: str, tmp_path: Path) -> None:
    encoder = tiny(tmp_path, form, pooling=pooling)
    with pytest.raises(Unexportable, match=r"xlm-roberta|way of its own"):
        write_text_side(bundle_for(encoder), encoder, tmp_path / "side")


def test_graphs_that_give_other_numbers_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from antiphon.search.light.graphs import transformer_graph

    encoder = tiny(tmp_path, "bert")
    monkeypatch.setattr(transformer_graph, "SMALLEST_LENGTH", 10.0)
    with pytest.raises(Unexportable, match="graphs differ from the checkpoint by"):
        write_text_side(bundle_for(encoder), encoder, tmp_path / "side")


def test_damaged_graphs_are_a_sentence(tmp_path: Path) -> None:
    encoder = tiny(tmp_path, "bert")
    write_text_side(bundle_for(encoder), encoder, tmp_path / "side")
    (tmp_path / "side" / "head.onnx").write_bytes(b"no graph")
    with pytest.raises(CheckpointError, match=r"head\.onnx cannot be read"):
        TextSide(tmp_path / "side").score(["piano"])
    (tmp_path / "side" / "text.json").unlink()
    with pytest.raises(CheckpointError, match=r"text side in .* cannot be read"):
        TextSide(tmp_path / "side")

"""Phrases of captions: their vectors, and what training makes of them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kernel_cca import fit_kernel_cca
from antiphon.align.config import TrainConfig, config_from_dict
from antiphon.align.data.batches import Captions, epoch_batches
from antiphon.align.data.material import read_material, with_phrases
from antiphon.align.ensemble import closed_forms
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.linear.look import NOT_MEASURED
from antiphon.align.train import TrainResult, train
from antiphon.align.training.loop import Loop
from antiphon.align.training.setup import compute_dtype, fresh_space, resolve_settings, training_data
from antiphon.embed import embed_text
from antiphon.errors import ConfigError, EmbeddingError
from antiphon.evaluate.benchmark import evaluate
from antiphon.library.phrases import CaptionPhrases, has_phrases, load_phrases, phrases_folder
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Row, VectorWriter
from antiphon.registry import LoadOptions
from tests.helpers.encoders.tiny_sentence_model import save_sentence_model
from tests.helpers.libraries.made_vectors import add_phrases, make_library, provenance
from tests.helpers.trained.steady_rate import steady_rate

CONFIG = TrainConfig(epochs=3, dim=8, hidden=8, epoch_steps=4, batch_size=16, patience=0, caption_phrases=0.5)


def made_phrases() -> tuple[np.ndarray, np.ndarray, CaptionPhrases]:
    """Owners, joint text ids and phrases of six captions; phrase 2 says the same as caption 4, caption 5 has none."""
    owners = np.array([0, 0, 1, 2, 3, 4])
    phrases = CaptionPhrases(
        vectors=np.zeros((4, 2), np.float16),
        texts=np.array(["w", "x", "y", "z"], dtype=object),
        caption=np.array([0, 0, 1, 2, 3, 3, 4]),
        phrase=np.array([0, 1, 1, 2, 0, 3, 3]),
        text_id=np.array([0, 1, 2, 3, 4, 5, 6, 7, 4, 8]),
    )
    return owners, phrases.text_id, phrases


def test_positives_of_phrases_and_captions_equal_the_slow_twin() -> None:
    owners, text_id, phrases = made_phrases()
    captions = Captions(owners, text_id, phrases)
    says = {track: {int(text_id[c]) for c in np.flatnonzero(owners == track)} for track in range(5)}
    for caption, phrase in zip(phrases.caption, phrases.phrase, strict=True):
        says[int(owners[caption])].add(int(text_id[6 + phrase]))
    tracks, rows = np.array([0, 1, 3, 4]), np.arange(10)
    found = captions.positives(rows, tracks)
    slow = [[c for c, track in enumerate(tracks) if int(text_id[row]) in says[int(track)]] for row in rows]
    pointer = found.indptr.tolist()
    assert [found.indices[a:b].tolist() for a, b in pairwise(pointer)] == slow
    assert slow[4] == slow[8] == [1, 2]  # the caption of track 3 is a phrase of track 1's: neither is a negative


def test_captions_are_replaced_as_often_as_asked_and_only_by_their_own_phrases() -> None:
    owners, text_id, phrases = made_phrases()
    captions, rng = Captions(owners, text_id, phrases), np.random.default_rng(0)
    drawn = np.stack([captions.in_phrases(np.arange(6), 0.3, rng) for _ in range(4000)])
    for caption in range(6):
        own = 6 + phrases.phrase[phrases.caption == caption]
        assert set(drawn[:, caption].tolist()) == {caption, *own.tolist()}
        for row in own:
            assert np.mean(drawn[:, caption] == row) == pytest.approx(0.3 / len(own), abs=0.03)
    assert captions.in_phrases(np.arange(6), 1.0, rng)[5] == 5


def test_each_text_of_a_batch_is_said_of_the_track_it_stands_for() -> None:
    owners, text_id, phrases = made_phrases()
    captions, rng = Captions(owners, text_id, phrases), np.random.default_rng(0)
    seen = 0
    for batch in epoch_batches(captions, rng, batch_size=3, epoch_steps=40, phrase_chance=0.5):
        seen += int((batch.captions >= 6).sum())
        for row in range(len(batch.tracks)):
            own = batch.positives.indices[batch.positives.indptr[row] : batch.positives.indptr[row + 1]]
            assert row in own.tolist()
    assert seen > 20


def test_shares_of_what_is_said_equal_the_slow_twin() -> None:
    owners, _, phrases = made_phrases()
    pairs = CaptionWeights.evenly(owners, 5).with_phrases(phrases, 0.4)
    slow: dict[tuple[int, int], float] = {}
    for caption, owner in enumerate(owners.tolist()):
        own = phrases.phrase[phrases.caption == caption].tolist()
        weight = 1 / 5 / int((owners == owner).sum())
        slow[caption, owner] = weight * (0.6 if own else 1)
        for phrase in own:
            slow[6 + phrase, owner] = slow.get((6 + phrase, owner), 0) + weight * 0.4 / len(own)
    found: dict[tuple[int, int], float] = {}
    for row, track, share in zip(pairs.row.tolist(), pairs.track.tolist(), pairs.weight.tolist(), strict=True):
        found[row, track] = found.get((row, track), 0) + share
    assert found == pytest.approx(slow)
    np.testing.assert_allclose(np.bincount(pairs.track, pairs.weight), 0.2)


def test_closed_forms_see_phrases_up_to_a_number_of_rows(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    material = with_phrases(read_material(library.root, "made", "words"), CONFIG)
    assert material.phrases is not None
    monkeypatch.setattr(
        closed_forms, "look", lambda *_, **__: NOT_MEASURED
    )  # kernel CCAs alone: they have landmarks to count
    rows = len(material.train.text) + len(material.phrases.vectors)
    alone = fit_closed_forms(material.train).space
    monkeypatch.setattr(closed_forms, "ROWS_WITH_PHRASES", rows)
    seen = fit_closed_forms(material.train, phrases=material.phrases, phrase_weight=0.5).space
    assert seen.text.state_dict()["landmarks"].shape[0] == rows
    monkeypatch.setattr(closed_forms, "ROWS_WITH_PHRASES", rows - 1)
    unseen = fit_closed_forms(material.train, phrases=material.phrases, phrase_weight=0.5).space
    for key, value in alone.state_dict().items():
        assert torch.equal(unseen.state_dict()[key], value)


def test_a_text_said_of_two_tracks_is_two_captions_that_say_the_same() -> None:
    rng = np.random.default_rng(0)
    text, audio = rng.normal(size=(12, 5)), rng.normal(size=(12, 6))
    owner = np.arange(12)
    pairs = CaptionWeights(
        row=np.append(np.arange(12), 3), track=np.append(owner, 7), weight=np.append(np.ones(12), 1.0) / 12
    )
    pairs.weight[[7, 12]] /= 2
    one = fit_kernel_cca(text, audio, pairs)
    plain = fit_kernel_cca(np.concatenate([text, text[3:4]]), audio, np.append(owner, 7))
    whole = [(words.embed(text) @ sound.embed(audio).T) for words, sound in (one, plain)]
    # landmarks differ by the doubled row, which says nothing new; their median distance does a little
    np.testing.assert_allclose(whole[0], whole[1], atol=0.1)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = make_library(tmp_path, test=4, captions=2, listed=True)
    add_phrases(made)
    return made


def test_vectors_belong_to_their_phrases(library: Library) -> None:
    texts = ["slow, sad", "a song", "sad, t001"]
    add_phrases(library, {phrase: float(i) for i, phrase in enumerate(["slow", "sad", "t001"])})
    found = load_phrases(library, "words", texts)
    assert found.texts.tolist() == ["slow", "sad", "t001"]
    assert found.vectors[:, 0].tolist() == [0, 1, 2]
    assert found.caption.tolist() == [0, 0, 2, 2]
    assert found.phrase.tolist() == [0, 1, 1, 2]
    assert found.text_id.tolist() == [0, 1, 2, 3, 4, 5]
    assert load_phrases(library, "words", ["sad", "slow, sad"]).text_id.tolist() == [0, 1, 2, 0]
    none = load_phrases(library, "words", ["a song"])
    assert none.vectors.shape == (0, 16)


def test_phrases_of_joined_text_encoders_are_those_that_each_has_read(library: Library) -> None:
    add_phrases(library, {"slow": 1.0, "sad": 2.0})
    other = provenance("other", "text", 3)
    for folder in (library.embedding_folder("text", "other"), phrases_folder(library, "other")):
        with VectorWriter(folder, other) as writer:
            writer.write([Row("sad", "ok"), Row("slow", "failed", "too long")], np.full((2, 3), 7))
    assert has_phrases(library, "words+other")
    assert not has_phrases(library, "words+none")
    found = load_phrases(library, "words+other", ["slow, sad"])
    assert found.texts.tolist() == ["sad"]
    assert found.vectors.tolist() == [[2.0] * 16 + [7.0] * 3]
    assert found.unread == 0, "what failed was read"
    partly = load_phrases(library, "other+words", ["sad, t001", "t001, t002"])
    assert (partly.texts.tolist(), partly.caption.tolist(), partly.unread) == (["sad"], [0], 2)


def test_missing_vectors_name_the_command(tmp_path: Path) -> None:
    made = make_library(tmp_path, listed=True)
    command = rf"antiphon embed --text words --phrases --library {tmp_path}"
    with pytest.raises(EmbeddingError, match=rf"no words vectors of captions' phrases(.|\n)*{command}"):
        train(tmp_path, "made", text="words", config=CONFIG)
    add_phrases(made, {"t002": 1.0}, weights_id="other")
    with pytest.raises(EmbeddingError, match=r"weights_id(.|\n)*Delete .*phrases"):
        load_phrases(made, "words", ["t002"])


def test_phrases_of_val_and_test_captions_are_never_asked_for(tmp_path: Path) -> None:
    made = make_library(tmp_path, test=4, listed=True)
    add_phrases(made, split="train")
    result = train(tmp_path, "made", text="words", config=CONFIG)
    assert len(result.history) == 3
    material = with_phrases(read_material(tmp_path, "made", "words"), CONFIG)
    assert material.phrases is not None
    assert not {f"t{i:03d}" for i in range(40, 56)} & set(material.phrases.texts)


def weights(result: TrainResult) -> dict[str, torch.Tensor]:
    return torch.load(result.checkpoints["last"], weights_only=True)["weights"]


def test_by_default_phrases_take_part_where_they_have_vectors(library: Library) -> None:
    unset = TrainConfig(**{**CONFIG.to_dict(), "caption_phrases": None, "epochs": 1})
    further = replace(unset, epochs=2)
    assert train(library.root, "made", text="words", config=unset).config.caption_phrases == 0.1
    shutil.rmtree(phrases_folder(library, "words"))
    with pytest.raises(EmbeddingError, match="antiphon embed --text words --phrases"):
        train(library.root, "made", text="words", config=further, resume=True)
    anew = train(library.root, "made", text="words", config=unset, overwrite=True)
    assert anew.config.caption_phrases == 0.0
    add_phrases(library)
    resumed = train(library.root, "made", text="words", config=further, resume=True)
    assert (resumed.config.caption_phrases, len(resumed.history)) == (0.0, 2)


def test_the_folder_is_read_under_its_old_name(library: Library) -> None:
    new = phrases_folder(library, "words")
    old = new.rename(new.with_name("parts"))
    assert phrases_folder(library, "words") == old
    material = with_phrases(read_material(library.root, "made", "words"), CONFIG)
    assert material.phrases is not None


def test_the_old_name_of_the_setting_is_refused_with_the_new_one() -> None:
    with pytest.raises(ConfigError, match="'caption_parts' is called 'caption_phrases' now"):
        config_from_dict({"caption_parts": 0.5})


def test_without_the_setting_vectors_of_phrases_change_nothing_and_with_them_they_do(library: Library) -> None:
    off = TrainConfig(**{**CONFIG.to_dict(), "caption_phrases": 0.0})
    first = weights(train(library.root, "made", text="words", config=off))
    add_phrases(library, seed=9)
    again = weights(train(library.root, "made", text="words", config=off, overwrite=True))
    assert all(torch.equal(first[key], again[key]) for key in first)
    with_them = weights(train(library.root, "made", text="words", name="with", config=CONFIG))
    assert not all(torch.equal(first[key], with_them[key]) for key in first)


@pytest.mark.parametrize("options", [{}, {"memory_gb": 0.0}, {"loss": "siglip"}])
def test_a_step_reads_the_vector_of_each_text(library: Library, options: dict[str, object]) -> None:
    config = resolve_settings(TrainConfig(**{**CONFIG.to_dict(), **options}), 40)
    material = with_phrases(read_material(library.root, "made", "words"), config)
    assert material.phrases is not None
    data = training_data(material, fresh_space(material, config), config)
    loop = Loop(fresh_space(material, config), data, config, dtype=compute_dtype(config))
    every = np.concatenate([material.train.text.raw(slice(None)).numpy(), material.phrases.vectors])
    phrases = 0
    for batch, _, text in loop._batches(1):
        want = loop.space.text.standardise(torch.from_numpy(every[batch.captions])).to(text.dtype)
        torch.testing.assert_close(text, want)
        phrases += int((batch.captions >= len(material.train.text)).sum())
    assert phrases > 10
    assert np.isfinite(loop.run_epoch(1).loss)


def test_a_resumed_run_is_the_run_that_was_never_stopped(library: Library) -> None:
    with steady_rate():
        longer = TrainConfig(**{**CONFIG.to_dict(), "dropout": 0.3})
        whole = weights(train(library.root, "made", text="words", config=longer))
        for path in library.root.glob("checkpoints/*"):
            path.unlink()
        train(library.root, "made", text="words", config=TrainConfig(**{**longer.to_dict(), "epochs": 1}))
        resumed = train(library.root, "made", text="words", config=longer, resume=True)
        assert all(torch.equal(whole[key], value) for key, value in weights(resumed).items())
    other = TrainConfig(**{**longer.to_dict(), "caption_phrases": 0.4})
    with pytest.raises(ConfigError, match=r"caption_phrases: 0\.5 there, 0\.4 now"):
        train(library.root, "made", text="words", config=other, resume=True)


def test_the_folder_is_no_encoder_of_its_own(library: Library) -> None:
    assert phrases_folder(library, "words").is_dir()
    assert library.embedded("text") == ["words"]


def test_a_text_encoder_that_learns_reads_phrases_too(tmp_path: Path) -> None:
    pytest.importorskip("peft")
    root, options = tmp_path / "library", LoadOptions(device="cpu")
    make_library(root, listed=True)
    model = str(save_sentence_model(tmp_path / "model"))
    name = embed_text(root, model, options=options).encoder
    assert embed_text(root, model, phrases=True, options=options).embedded == 59
    layers = {"finetune_text": "lora", "finetune_epochs": 2, "finetune_layers": 2, "finetune_lr": 0.01}
    result = train(root, "made", text=name, config=TrainConfig(**{**CONFIG.to_dict(), **layers}))
    # the history's loss is found again: every val caption was measured by its own words
    found = evaluate(root, result.checkpoints["last"], "val", resamples=20)
    assert found["loss"] == pytest.approx(result.history[-1].val_loss, abs=1e-4)

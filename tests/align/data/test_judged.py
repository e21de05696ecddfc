"""What judgements teach: a judged pair is no longer pushed away, and nothing about val or test teaches anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.data.batches import Batch, Captions
from antiphon.align.data.material import read_material
from antiphon.align.inference import embed_pairs
from antiphon.align.losses.infonce import info_nce
from antiphon.align.losses.targets import Exclusion
from antiphon.align.train import train
from antiphon.align.training.distributed import Processes
from antiphon.align.training.start import content_of
from antiphon.errors import ConfigError
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement, Verdict
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(
    epochs=4, dim=16, hidden=32, epoch_steps=8, precision="float32", device="cpu", closed_form="none", soft_weight=0.0
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return make_library(tmp_path / "library", train=30, val=6, test=4, captions=(2, 1))


def judge(library: Library, caption: str, track: str, verdict: Verdict) -> None:
    ids, texts = library.caption_column("caption_id").tolist(), library.caption_column("text")
    said = Judgement(query=texts[ids.index(caption)], query_id=caption, track_id=track, verdict=verdict)
    append_judgements(library.root, [said])


def cosine(library: Library, caption: str, track: str, name: str) -> float:
    """Of a caption and a track of train, by a training of this name."""
    train(library.root, "made", config=SMALL, name=name)
    bundle = Bundle.load(library.root / "checkpoints" / f"{name}_last.pt")
    material = read_material(library.root, "made", "words")
    text, audio = embed_pairs(bundle.space, material.train)
    row = next(i for i, words in enumerate(material.train_texts) if words == f"words 0 about {caption}")
    return float(text[row] @ audio[material.train_ids.tolist().index(track)])


def test_a_judged_pair_is_no_longer_pushed_away(library: Library) -> None:
    alone = cosine(library, "t003", "t010", "before")
    judge(library, "t003#0", "t010", "unsure")
    left_open = cosine(library, "t003", "t010", "open")
    judge(library, "t003#0", "t010", "same")
    right = cosine(library, "t003", "t010", "right")
    assert alone < left_open
    assert left_open + 0.05 < right


def test_two_that_are_left_open_do_not_push_each_other_at_all() -> None:
    tracks = np.arange(2)
    text, audio = torch.eye(2, 3).requires_grad_(), torch.eye(2, 3)
    for unsure, pushes in ((None, True), ((np.array([0, 1]), np.array([1, 0])), False)):
        captions = Captions(tracks, tracks, unsure=unsure)
        loss = info_nce(text, audio, 1.0, captions.positives(tracks, tracks), exclude=captions.unsure(tracks, tracks))
        (gradient,) = torch.autograd.grad(loss, text)
        assert bool(gradient.any()) == pushes


def test_same_makes_a_further_caption_and_unsure_a_pair_that_is_left_out(library: Library) -> None:
    before = read_material(library.root, "made", "words")
    for track, verdict in (("t005", "same"), ("t006", "unsure"), ("t007", "different")):
        judge(library, "t002#0", track, verdict)  # type: ignore[arg-type]
    material = read_material(library.root, "made", "words")
    assert material.judged.counts == {"same": 1, "unsure": 1, "different": 1}
    assert len(material.train.text) == len(before.train.text) + 1
    captions = Captions(material.train.track_of_caption, material.train.text_id, unsure=material.judged.unsure)
    row = next(i for i, text in enumerate(material.train_texts) if text == "words 0 about t002")
    tracks = np.arange(30)
    cells = captions.positives(np.array([row]), tracks)
    assert cells.indices.tolist() == [2, 5]
    exclude = captions.unsure(np.array([row]), tracks)
    assert exclude is not None
    assert (exclude.rows.tolist(), exclude.columns.tolist()) == ([0], [6])
    assert captions.unsure(np.array([row]), np.array([2, 5, 7])) is None
    raw, owner = material.train.text.raw(slice(None)), material.train.track_of_caption
    assert (np.diff(owner) >= 0).all()
    further = next(i for i in np.flatnonzero(owner == 5) if material.train_texts[i] == "words 0 about t002")
    assert torch.equal(raw[further], raw[row])


@pytest.mark.parametrize("verdict", ["same", "unsure"])
@pytest.mark.parametrize(("caption", "track"), [("t030#0", "t001"), ("t001#0", "t030"), ("t037#0", "t001")])
def test_a_judgement_about_val_or_test_changes_nothing_that_is_learned(
    library: Library, caption: str, track: str, verdict: Verdict
) -> None:
    before = content_of(read_material(library.root, "made", "words"))
    judge(library, caption, track, verdict)
    material = read_material(library.root, "made", "words")
    assert content_of(material) == before
    assert material.judged.counts is None
    assert "nothing was learned from them" in material.judged.lines[0]
    judge(library, "t001#0", "t002", verdict)
    assert content_of(read_material(library.root, "made", "words")) != before


def test_a_training_is_another_one_after_judging(library: Library) -> None:
    quick = replace(SMALL, epochs=1, epoch_steps=1)
    train(library.root, "made", config=quick)
    judge(library, "t001#0", "t002", "unsure")
    with pytest.raises(ConfigError, match="or pairs judged"):
        train(library.root, "made", config=quick)
    result = train(library.root, "made", config=quick, overwrite=True)
    assert result.to_dict()["judgements"] == {"unsure": 1}


def test_what_a_track_says_itself_is_never_left_out() -> None:
    captions = Captions(np.array([0, 1]), np.array([0, 0]), unsure=(np.array([0]), np.array([1])))
    assert captions.unsure(np.array([0]), np.array([0, 1])) is None


def test_a_process_takes_the_cells_of_its_own_texts() -> None:
    captions = Captions(np.arange(4), np.arange(4), unsure=(np.array([0, 3]), np.array([2, 1])))
    tracks = np.arange(4)
    batch = Batch(tracks, tracks, captions.positives(tracks, tracks), captions.unsure(tracks, tracks))
    shards = [Processes(index=i, size=2).shard(batch, 4).exclude for i in range(2)]
    assert all(isinstance(each, Exclusion) for each in shards)
    assert [(e.rows.tolist(), e.columns.tolist()) for e in shards if e] == [([0], [2]), ([1], [1])]

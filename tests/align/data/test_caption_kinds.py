"""What a caption counts by who wrote it, and which kinds a training learns from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.config import TrainConfig
from antiphon.align.data.batches import Captions
from antiphon.align.data.caption_kinds import HUMAN_SHARE, caption_shares
from antiphon.align.data.kinds_that_help import FEW, choose_kinds
from antiphon.align.data.material import Material, read_material
from antiphon.align.train import train
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_captions import add_made_captions, only_some_captioned, write_made_captions
from tests.helpers.libraries.made_vectors import make_library

QUICK = TrainConfig(epochs=1, epoch_steps=1, dim=8, hidden=8, device="cpu")


def kinds(*named: str) -> np.ndarray:
    return np.array(named, dtype=object)


def test_people_share_most_of_a_track_that_has_both_and_alone_all_of_it() -> None:
    owner = np.array([0, 0, 1, 2, 2, 2])
    found = caption_shares(owner, kinds("human", "human", "tags", "human", "machine", "tags"))
    rest = (1 - HUMAN_SHARE) / 2
    assert found is not None
    np.testing.assert_allclose(found, [0.5, 0.5, 1.0, HUMAN_SHARE, rest, rest])
    np.testing.assert_allclose(np.bincount(owner, found), 1)


def test_captions_of_one_sort_count_alike_as_they_always_did() -> None:
    owner = np.array([0, 1, 1])
    assert caption_shares(owner, kinds("human", "human", "human")) is None
    assert caption_shares(owner, kinds("tags", "machine", "machine")) is None


def test_captions_are_drawn_as_often_as_their_share_says() -> None:
    owner = np.array([2, 0, 1, 2, 0, 2])
    shares = np.array([0.7, 0.75, 1.0, 0.2, 0.25, 0.1])
    captions, rng = Captions(owner, np.arange(6), shares=shares), np.random.default_rng(0)
    drawn = np.concatenate([captions.draw(np.arange(3), rng) for _ in range(4000)])
    assert (owner[drawn.reshape(-1, 3)] == np.arange(3)).all()
    np.testing.assert_allclose(np.bincount(drawn, minlength=6) / 4000, shares, atol=0.03)


def test_a_closed_form_weighs_pairs_by_the_same_shares() -> None:
    owner, shares = np.array([0, 0, 1]), np.array([0.75, 0.25, 1.0])
    np.testing.assert_allclose(CaptionWeights.evenly(owner, 2, shares).weight, shares / 2)


def material_of(library: Library, named: str | None = None) -> Material:
    return read_material(library.root, "made", "words", kinds=named)


def test_a_library_of_people_alone_takes_no_look(tmp_path: Path) -> None:
    found = material_of(make_library(tmp_path))
    assert found.kinds.kinds == ("human",)
    assert found.kinds.gains == {}
    assert found.train.shares is None


def test_without_people_made_captions_are_learned_from_and_val_is_judged_by_them(tmp_path: Path) -> None:
    library = only_some_captioned(add_made_captions(make_library(tmp_path)), set())
    found = material_of(library)
    assert found.kinds.name == "machine"
    assert found.val_only_made
    assert len(found.train_ids) == 40


def test_few_people_are_joined_by_made_captions_unasked_in_train_and_in_val(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=60)
    library = only_some_captioned(add_made_captions(library), {*(f"t{i:03d}" for i in range(FEW - 1)), "t065"})
    found = material_of(library)
    assert (found.kinds.name, found.kinds.tracks) == ("human+machine", FEW - 1)
    assert len(found.train_ids) == 60
    assert found.val is not None
    assert len(found.val.audio) == 12  # one person's caption of one track would be a question without a wrong answer
    assert not found.val_only_made
    assert found.asked is None  # the train loss is of all captions, as val's is


@pytest.mark.parametrize(("meaning", "chosen"), [(True, "human+machine"), (False, "human")])
def test_a_look_inside_train_finds_whether_made_captions_help(tmp_path: Path, meaning: bool, chosen: str) -> None:
    library = make_library(tmp_path, train=120, captions=1, noise=(1.5,))
    library = only_some_captioned(library, {f"t{i:03d}" for i in range(FEW)} | {"t125"})
    found = material_of(add_made_captions(library, meaning=meaning, each=1))
    assert found.kinds.name == chosen
    assert (found.kinds.gains["human+machine"] > 0) == meaning


def test_of_two_made_kinds_the_one_that_helps_is_taken(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=90, captions=1, noise=(1.5,))
    add_made_captions(library, kind="machine", each=1)
    machine = Library(tmp_path).caption_table.to_pylist()[-102:]
    library = add_made_captions(Library(tmp_path), kind="tags", each=1, meaning=False)
    both = [*machine, *library.caption_table.to_pylist()[-102:]]
    write_made_captions(tmp_path, [(r["caption_id"], r["track_id"], r["text"], r["kind"]) for r in both])
    found = material_of(only_some_captioned(Library(tmp_path), {f"t{i:03d}" for i in range(FEW)} | {"t095"}))
    assert set(found.kinds.gains) == {"human+tags+machine", "human+tags", "human+machine"}
    assert found.kinds.name == max(found.kinds.gains, key=found.kinds.gains.__getitem__)
    assert found.kinds.gains["human+machine"] > found.kinds.gains["human+tags"]


def test_a_look_sees_no_track_outside_train_and_repeats_itself(tmp_path: Path) -> None:
    library = add_made_captions(make_library(tmp_path, train=60, captions=1))
    found = material_of(library, "human+machine")
    all_kinds = np.where(np.arange(len(found.train.text)) % 2, "machine", "human").astype(object)
    first, again = (choose_kinds(found.train, all_kinds, np.arange(60)) for _ in range(2))
    assert first == again


def test_kinds_can_be_named_and_are_kept_by_what_goes_on(tmp_path: Path) -> None:
    library = add_made_captions(make_library(tmp_path))
    assert material_of(library, "machine").kinds.name == "machine"
    with pytest.raises(LibraryError, match=r"no caption of the kind tags(.|\n)*antiphon caption"):
        material_of(library, "tags")
    named = TrainConfig(**{**QUICK.to_dict(), "caption_kinds": "human"})
    train(library.root, "made", text="words", config=named)
    result = train(library.root, "made", text="words", resume=True)
    assert result.config.caption_kinds == "human"
    with pytest.raises(ConfigError, match=r"caption_kinds: human there, machine now"):
        train(library.root, "made", text="words", config=TrainConfig(**{**QUICK.to_dict(), "caption_kinds": "machine"}))


def test_an_unknown_kind_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"machine\+human(.|\n)*human\+machine"):
        TrainConfig(caption_kinds="machine+human")


def test_train_loss_is_measured_over_peoples_captions_where_val_is(tmp_path: Path) -> None:
    library = make_library(tmp_path)
    alone = material_of(library).train_sample(0)
    add_made_captions(library, each=3)
    both = material_of(Library(tmp_path), "human+machine")
    assert len(both.train.text) > 2 * len(both.train.audio)
    sample = both.train_sample(0)
    np.testing.assert_array_equal(sample.track_of_caption, alone.track_of_caption)
    np.testing.assert_array_equal(sample.text.raw(slice(None)), alone.text.raw(slice(None)))
    np.testing.assert_array_equal(sample.audio.raw(slice(None)), alone.audio.raw(slice(None)))
    assert sample.shares is None
    assert both.with_val().asked is None


def test_tracks_that_no_person_described_are_not_in_that_loss_unless_all_are_such(tmp_path: Path) -> None:
    people = {*(f"t{i:03d}" for i in range(5)), *(f"t{i:03d}" for i in range(40, 52))}
    found = material_of(only_some_captioned(add_made_captions(make_library(tmp_path)), people), "human+machine")
    assert len(found.train.audio) == 40
    assert len(found.train_sample(0).audio) == 5
    made = material_of(Library(tmp_path), "machine")
    assert made.asked is None
    assert made.val is not None
    assert len(made.train_sample(0).audio) == len(made.val.audio)

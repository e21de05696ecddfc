"""Audio and text of a split, joined."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import LibraryError
from antiphon.layout import Layout
from antiphon.library.captions import FEWEST_DESCRIBED, KINDS, MADE_KINDS
from antiphon.library.pairs import join_pairs, judging_kinds, load_pairs, open_embedding, text_ids
from antiphon.library.tracks import Caption, Kind, Library, Track, save_library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter
from tests.helpers.libraries.made_captions import write_made_captions
from tests.helpers.libraries.made_vectors import make_library


def store(library: Library, kind: Kind, name: str, vectors: dict[str, float | None]) -> None:
    made_by = Provenance(encoder=name, kind=kind, layout=Layout.flat(2), weights_id="w")
    with VectorWriter(library.embedding_folder(kind, name), made_by) as writer:
        rows = [
            Row(i, "ok" if v is not None else "failed", "" if v is not None else "no sound") for i, v in vectors.items()
        ]
        writer.write(rows, np.array([[v or 0.0] * 2 for v in vectors.values()]))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    tracks = [Track(track_id=t, split="test" if t == "x" else "train") for t in "abcdx"]
    texts = {"a#0": "Slow", "a#1": "sad", "b#0": "slow ", "c#0": "fast", "x#0": "x"}
    captions = [Caption(caption_id=i, track_id=i[0], text=text) for i, text in texts.items()]
    opened = save_library(tmp_path, tracks, captions, {})
    store(opened, "text", "words", {"b#0": 3, "a#1": 2, "a#0": 1, "x#0": 9})
    store(opened, "audio", "ear", {"b": 20, "a": 10, "c": None, "d": 40})
    return opened


def test_rows_belong_together_whatever_the_order_on_disk(library: Library) -> None:
    pairs = load_pairs(library, "ear", "words", "train")
    assert pairs.track_ids.tolist() == ["a", "b"]
    assert pairs.audio[:, 0].tolist() == [10, 20]
    assert pairs.caption_ids.tolist() == ["a#0", "a#1", "b#0"]
    assert pairs.text[:, 0].tolist() == [1, 2, 3]
    assert pairs.track_of_caption.tolist() == [0, 0, 1]


def test_a_sample_keeps_each_track_with_its_captions_and_vectors(library: Library) -> None:
    pairs = load_pairs(library, "ear", "words", "train")
    assert pairs.sample(2) is pairs
    seen = set()
    for seed in range(8):
        one = pairs.sample(1, seed)
        (track,) = one.track_ids
        seen.add(track)
        assert one.audio.tolist() == pairs.audio[pairs.track_ids == track].tolist()
        own = pairs.track_ids[pairs.track_of_caption] == track
        for name in ("caption_ids", "texts", "text", "text_id", "kinds"):
            assert getattr(one, name).tolist() == getattr(pairs, name)[own].tolist()
        assert one.track_of_caption.tolist() == [0] * own.sum()
    assert seen == {"a", "b"}


def test_equal_texts_share_a_number(library: Library) -> None:
    assert load_pairs(library, "ear", "words", "train").text_id.tolist() == [0, 1, 0]
    assert text_ids(np.array([], dtype=object)).tolist() == []


def test_tracks_that_cannot_take_part_are_told_why(library: Library) -> None:
    left_out = load_pairs(library, "ear", "words", "train").left_out
    assert left_out == {"c": "no sound", "d": "no caption with a words vector"}


def test_a_split_is_judged_by_what_people_wrote_where_they_wrote_anything(library: Library) -> None:
    made = [("b#machine0", "b", "loud", "machine"), ("a#machine0", "a", "dull", "machine")]
    write_made_captions(library.root, [*made, ("x#tags0", "x", "jazz", "tags")])
    store(library, "text", "words", {"a#0": 1, "a#1": 2, "b#0": 3, "x#0": 9, "a#machine0": 4, "b#machine0": 5})
    opened = Library(library.root)
    asked = load_pairs(opened, "ear", "words", "train")
    assert asked.caption_ids.tolist() == ["a#0", "a#1", "b#0"]
    assert not asked.only_made
    assert asked.left_out["d"] == "no caption by people with a words vector"
    sound, words = open_embedding(opened, "audio", "ear"), open_embedding(opened, "text", "words")
    trained = join_pairs(opened, sound, words, "train", names=("ear", "words"), kinds=KINDS)
    assert trained.caption_ids.tolist() == ["a#0", "a#1", "a#machine0", "b#0", "b#machine0"]
    assert trained.kinds.tolist() == ["human", "human", "machine", "human", "machine"]
    only = join_pairs(opened, sound, words, "train", names=("ear", "words"), kinds=("machine",))
    assert only.text[:, 0].tolist() == [4, 5]
    assert only.only_made


def test_people_ask_alone_once_they_described_enough_tracks_of_a_split_and_train_is_asked_as_val_is(
    tmp_path: Path,
) -> None:
    def kinds(described: int, among: int) -> dict[str, tuple[str, ...]]:
        tracks = [Track(track_id=f"{split}{n}", split=split) for split in ("train", "val") for n in range(among)]
        written = [track for track in tracks if track.split == "train" or int(track.track_id[3:]) < described]
        captions = [Caption(caption_id=f"{t.track_id}#0", track_id=t.track_id, text="calm") for t in written]
        opened = save_library(tmp_path, tracks, captions, {})
        made = [(f"{t.track_id}#machine0", t.track_id, "loud", "machine") for t in tracks]
        write_made_captions(opened.root, made)
        return {split: judging_kinds(Library(tmp_path), split) for split in ("train", "val", "all")}

    alone, people = ("human",), FEWEST_DESCRIBED
    assert kinds(people, among=30) == {"train": alone, "val": alone, "all": alone}
    assert kinds(people - 1, among=30) == {"train": KINDS, "val": KINDS, "all": alone}
    assert kinds(1, among=30) == {"train": KINDS, "val": KINDS, "all": alone}
    assert kinds(0, among=30) == {"train": KINDS, "val": MADE_KINDS, "all": alone}
    assert kinds(6, among=6) == {"train": alone, "val": alone, "all": alone}  # a small split, and all of it


def test_a_split_for_which_nobody_wrote_is_judged_by_made_captions(tmp_path: Path) -> None:
    opened = save_library(tmp_path, [Track(track_id=t, split="train") for t in "ab"], [], {})
    write_made_captions(tmp_path, [("a#machine0", "a", "loud", "machine"), ("b#tags0", "b", "jazz", "tags")])
    store(opened, "text", "words", {"a#machine0": 1, "b#tags0": 2})
    store(opened, "audio", "ear", {"a": 1, "b": 2})
    pairs = load_pairs(Library(tmp_path), "ear", "words", "train")
    assert pairs.kinds.tolist() == ["machine", "tags"]
    assert pairs.only_made


def test_a_split_without_tracks_or_without_captions_is_called_that(tmp_path: Path) -> None:
    tracks = [Track(track_id=t, split="val" if t == "v" else "train") for t in "abv"]
    captions = [Caption(caption_id=f"{t}#0", track_id=t, text=t) for t in "ab"]
    opened = save_library(tmp_path / "bare", tracks, captions, {})
    store(opened, "text", "words", {"a#0": 1, "b#0": 2})
    store(opened, "audio", "ear", {"a": 1, "b": 2, "v": 3})
    for split, said in (("val", "has 1 track and no caption"), ("test", "has no tracks")):
        with pytest.raises(LibraryError, match=said) as caught:
            load_pairs(opened, "ear", "words", split)
        assert "antiphon embed" not in str(caught.value)


def test_nothing_to_pair_names_the_command(library: Library) -> None:
    with pytest.raises(LibraryError, match=r"test split(.|\n)*no track(.|\n)*antiphon embed --encoder ear"):
        load_pairs(library, "ear", "words", "test")


def test_an_encoder_without_vectors_lists_those_with(library: Library) -> None:
    with pytest.raises(LibraryError, match=r"no audio vectors called 'muq' \(it has: ear\)"):
        open_embedding(library, "audio", "muq")


def test_a_mistyped_encoder_is_told_the_name_that_was_meant(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=("timbre",), train=3, val=1)
    with pytest.raises(LibraryError, match=r"called 'timbr' \(it has: timbre\)(.|\n)*Did you mean 'timbre'\?"):
        open_embedding(library, "audio", "timbr")
    with pytest.raises(LibraryError, match="If `antiphon encoders` lists 'muq': antiphon embed --encoder muq"):
        open_embedding(library, "audio", "muq")


def test_where_every_vector_is_damaged_that_is_said(library: Library) -> None:
    with (library.embedding_folder("audio", "ear") / "vectors.npy").open("r+b") as stream:
        stream.seek(128)
        stream.write(np.full(8, np.nan, np.float16).tobytes())
    with pytest.raises(LibraryError, match=r"2 ear vectors that could count, and each one is damaged") as caught:
        load_pairs(library, "ear", "words", "train")
    assert "antiphon embed --encoder ear --check-content" in str(caught.value.fix)

"""Copies from vectors: what must join, what must not, and slow twins of the search."""

import re
from functools import cache

import numpy as np
import pytest
import soxr

from antiphon.audio.pooling import pool
from antiphon.encoders import harmony, rhythm, timbre
from antiphon.layout import Layout
from antiphon.library.leakage.duplicates import find_duplicates, find_duplicates_in
from antiphon.library.leakage.same_audio import equal_vectors as copies
from antiphon.library.leakage.same_audio import neighbours, sketch
from antiphon.library.leakage.same_audio import transposed as moved
from antiphon.library.leakage.same_audio.equal_vectors import find_equal
from antiphon.library.tracks import Track, save_library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter
from antiphon.registry import LoadOptions

RATE = 22_050
ENCODERS = {m.CARDS[0].name: m.load(m.CARDS[0], LoadOptions()) for m in (timbre, harmony, rhythm)}


def note(hertz, seconds, brightness, decay):
    time = np.arange(int(seconds * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * hertz * k * time) * brightness**k for k in range(1, 12) if hertz * k < 8000)
    return tones * np.exp(-decay * time)


def piece(seed, seconds=12.0):
    """A small tune of its own tempo, scale, colour, bass and percussion."""
    rng = np.random.default_rng(seed)
    beat = 60 / rng.uniform(80, 160)
    brightness, decay = rng.uniform(0.35, 0.8), rng.uniform(1, 8)
    low, noise, share = rng.integers(40, 60), rng.uniform(0.05, 0.5), rng.uniform(0.3, 0.9)
    scale = rng.choice(12, 5, replace=False)
    sound = rng.standard_normal(int((seconds + 2) * RATE)) * 1e-3
    riff = rng.choice(scale, 16) + 12 * rng.integers(0, 2, 16)
    played = rng.random(16) < share
    for step, start in enumerate(np.arange(0, seconds, beat / 2)):
        at = int(start * RATE)
        if played[step % 16]:
            wave = note(440 * 2 ** ((low + riff[step % 16] - 69) / 12), beat, brightness, decay)
            sound[at : at + len(wave)] += wave
        if step % 4 == 0:
            hit = rng.standard_normal(3000) * np.exp(-np.arange(3000) / 400) * noise
            sound[at : at + 3000] += hit
    return (sound[: int(seconds * RATE)] * 0.2).astype(np.float32)


@cache
def vector(name, sound):
    model = ENCODERS[name]
    return pool(model.frames(np.frombuffer(sound, np.float32)[None])[0], model.card.layout).astype(np.float16)


def sources(sounds):
    """Vectors of the three signal encoders, through float16 as they are stored."""
    ids, bytes_of = list(sounds), [s.astype(np.float32).tobytes() for s in sounds.values()]
    return {
        name: (ids, np.stack([vector(name, b) for b in bytes_of]), model.card.layout)
        for name, model in ENCODERS.items()
    }


@pytest.fixture(scope="module")
def tunes():
    return {f"t{seed:02}": piece(seed) for seed in range(16)}


def pairs_of(joins):
    return [(j.a, j.b) for j in joins]


def test_different_tunes_do_not_join(tunes):
    assert find_duplicates(sources(tunes)) == []


CHANGES = {
    "louder": lambda s: s * 2.5,
    "cut": lambda s: s[RATE // 2 : -RATE],
    "with noise": lambda s: s + np.random.default_rng(9).standard_normal(len(s)).astype(np.float32) * 1e-4,
    "rounded to 12 bits": lambda s: (np.round(s * 2048) / 2048).astype(np.float32),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_joins_its_original_and_nothing_else(tunes, change):
    joins = find_duplicates(sources({**tunes, "copy": CHANGES[change](tunes["t03"])}))
    assert pairs_of(joins) == [("copy", "t03")]
    assert joins[0].reason == "same audio"
    assert "distance in" in joins[0].evidence


@pytest.mark.parametrize("speed", [1.06, 0.89])
def test_a_copy_played_at_another_speed_joins_and_says_by_how_much(tunes, speed):
    other = soxr.resample(tunes["t05"], RATE * speed, RATE).astype(np.float32)
    joins = find_duplicates(sources({**tunes, "u-moved": other}))
    assert pairs_of(joins) == [("t05", "u-moved")]
    assert joins[0].reason == "same audio, pitch or tempo changed"
    semitones, ratio = re.match(r"about (\S+) semitones, speed × (\S+),", joins[0].evidence).groups()
    assert float(semitones) == pytest.approx(12 * np.log2(speed), abs=0.4)
    assert float(ratio) == pytest.approx(speed, abs=0.02)


def test_three_versions_of_one_tune_all_join(tunes):
    versions = {**tunes, "x": tunes["t01"] * 0.5, "y": tunes["t01"][RATE:]}
    assert pairs_of(find_duplicates(sources(versions))) == [("t01", "x"), ("t01", "y"), ("x", "y")]


def test_single_notes_of_one_instrument_do_not_join(tunes):
    notes = {f"n{k:02}": note(220 * 2 ** (k / 12), 1.2, 0.6, 3).astype(np.float32) * 0.2 for k in range(12)}
    assert find_duplicates(sources(notes)) == []
    assert find_duplicates(sources({**tunes, **notes})) == []


def test_silent_tracks_are_told_to_be_the_same_and_nothing_breaks(tunes):
    silence = {"s1": np.zeros(RATE, np.float32), "s2": np.zeros(RATE, np.float32)}
    assert pairs_of(find_duplicates(sources({**tunes, **silence}))) == [("s1", "s2")]


def test_blocks_are_where_the_encoders_put_them():
    def place(blocks, name):
        start = sum(size for key, size in list(blocks.items())[: list(blocks).index(name)])
        return slice(start, start + blocks[name])

    assert place(timbre.BLOCKS, "bands") == moved.BANDS
    assert place(harmony.BLOCKS, "chroma") == moved.CHROMA
    assert place(harmony.BLOCKS, "bass") == moved.BASS
    assert place(rhythm.BLOCKS, "fourier") == moved.FOURIER
    assert place(rhythm.BLOCKS, "lag") == moved.LAG
    assert timbre.BANDS["per_octave"] == moved.BANDS_PER_OCTAVE
    np.testing.assert_allclose(np.diff(np.log2(rhythm.TEMPI)), 1 / moved.TEMPI_PER_OCTAVE)


@pytest.mark.parametrize("steps", [-2, 0, 3])
def test_moving_a_profile_by_whole_steps_takes_other_values(steps):
    profile = np.random.default_rng(0).random((3, 2, 20)).astype(np.float32)
    np.testing.assert_allclose(moved._moved(profile, steps, 3), profile[..., 3 - steps : 17 - steps], rtol=1e-6)


@pytest.mark.parametrize("steps", [-1.5, 0.3, 0.7, 2.0])
def test_moving_a_smooth_profile_is_exact_for_a_parabola(steps):
    place = np.arange(20.0)
    profile = (0.3 * place**2 - 2 * place + 1).astype(np.float32)
    at = np.arange(4, 16) - steps
    np.testing.assert_allclose(moved._moved(profile, steps, 4), 0.3 * at**2 - 2 * at + 1, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("block", [3, 1000])
def test_nearest_agrees_with_sorting_all_distances(block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    monkeypatch.setattr(neighbours, "ITEM_BLOCK", 3 * block)
    items = np.random.default_rng(1).standard_normal((40, 5)).astype(np.float32)
    pairs, distances = neighbours.nearest(items, items, 1.0)
    expected = {}
    for i in range(40):
        found = sorted((float(np.sqrt(((items[i] - items[j]) ** 2).mean())), j) for j in range(40) if j != i)
        expected.update({(i, j): d for d, j in found[: neighbours.NEIGHBOURS] if d <= 1.0})
    assert {tuple(p) for p in pairs.tolist()} == set(expected)
    for pair, distance in zip(pairs.tolist(), distances, strict=True):
        assert distance == pytest.approx(expected[tuple(pair)], rel=1e-4)


def test_the_choice_is_made_only_for_tracks_that_have_something_near(monkeypatch):
    asked = []
    choose = neighbours._nearest_of_both
    monkeypatch.setattr(neighbours, "BLOCK", 8)
    monkeypatch.setattr(neighbours, "_nearest_of_both", lambda *a: asked.append(len(a[0])) or choose(*a))
    items = np.random.default_rng(2).standard_normal((40, 5)).astype(np.float32)
    items[31] = items[4]
    pairs, distances = neighbours.nearest(items, items, 1e-4)
    assert pairs.tolist() == [[4, 31], [31, 4]]
    assert distances.tolist() == [0, 0]
    assert asked == [1, 1]


def test_nothing_is_nearest_where_all_is_far():
    pairs, distances = neighbours.nearest(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32), 0.01)
    assert pairs.shape == (0, 2)
    assert distances.shape == (0,)


@pytest.mark.parametrize("size", [30, 900])
def test_planted_copies_in_vectors_of_an_unknown_encoder_are_all_found_and_no_others(size):
    rng = np.random.default_rng(2)
    centre, spread = rng.standard_normal(size) * 5, rng.uniform(0.1, 2, size)
    vectors = centre + spread * rng.standard_normal((200, size))
    noisy = vectors[:20] + spread * 0.02 * rng.standard_normal((20, size))
    pairs, shares = find_equal(np.concatenate([vectors, noisy]).astype(np.float16))
    assert {tuple(p) for p in pairs.tolist()} == {(i, 200 + i) for i in range(20)}
    assert (shares < copies.CLOSE).all()


def test_relatives_in_a_tight_cluster_do_not_join():
    rng = np.random.default_rng(3)
    family = rng.standard_normal(50) + 0.05 * rng.standard_normal((20, 50))
    others = rng.standard_normal((100, 50))
    pairs, _ = find_equal(np.concatenate([family, others]))
    assert len(pairs) == 0


def test_vectors_that_are_all_the_same_are_no_evidence():
    assert len(find_equal(np.ones((50, 8), np.float16))[0]) == 0


def test_a_small_library_joins_rounding_differences_only():
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((5, 64)).astype(np.float32)
    vectors[3] = vectors[0].astype(np.float16)
    vectors[4] = vectors[1] + 0.05 * rng.standard_normal(64)
    assert find_equal(vectors)[0].tolist() == [[0, 3]]


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_tracks_have_no_copies(n):
    assert len(find_equal(np.ones((n, 4)))[0]) == 0
    assert find_duplicates({"muq": (["a"] * n, np.ones((n, 4)), Layout.flat(4))}) == []


def test_standardising_in_blocks_agrees_with_doing_it_at_once(monkeypatch):
    vectors = np.random.default_rng(5).normal(3, 2, (50, 20))
    whole = sketch.Sketch(vectors).whole()
    monkeypatch.setattr(sketch, "BLOCK_NUMBERS", 60)
    np.testing.assert_allclose(sketch.Sketch(vectors).whole(), whole, atol=1e-5)
    np.testing.assert_allclose(whole, (vectors - vectors.mean(0)) / vectors.std(0), atol=1e-4)


def test_tracks_that_one_signal_encoder_lacks_are_left_to_the_others(tunes):
    vectors = sources({**tunes, "zz": tunes["t00"][RATE:] * 0.5})
    ids, matrix, layout = vectors["rhythm"]
    vectors["rhythm"] = (ids[:-1], matrix[:-1], layout)
    assert find_duplicates(vectors) == []


def test_two_signal_encoders_must_agree_where_the_third_is_missing(tunes):
    made = sources(tunes)
    ids, rhythms, layout = made["rhythm"]
    rhythms = rhythms.copy()
    rhythms[1] = rhythms[0]  # the same beat under two different tunes
    same_beat = (ids, rhythms, layout)
    assert find_duplicates({"rhythm": same_beat})
    assert not find_duplicates({"rhythm": same_beat, "timbre": made["timbre"]})


def test_signal_vectors_of_a_foreign_layout_are_taken_as_unknown(tunes):
    vectors = sources({**tunes, "zz": tunes["t00"]})
    ids, matrix, _ = vectors["timbre"]
    vectors["timbre"] = (ids, matrix, Layout.flat(matrix.shape[1]))
    assert pairs_of(find_duplicates(vectors)) == [("t00", "zz")]


def test_copies_of_a_library_are_read_from_its_stored_vectors(tunes, tmp_path):
    sounds = {**tunes, "zz": tunes["t07"] * 0.5}
    library = save_library(tmp_path, [Track(track_id=i, split="train", group=i) for i in sounds], [], {})
    for name, (ids, matrix, layout) in sources(sounds).items():
        provenance = Provenance(encoder=name, kind="audio", layout=layout, weights_id="none")
        with VectorWriter(library.embedding_folder("audio", name), provenance) as writer:
            writer.write([Row("broken", "failed", "no sound")], np.zeros((1, layout.size)))
            writer.write([Row(item, "ok") for item in ids], matrix)
    assert pairs_of(find_duplicates_in(library)) == [("t07", "zz")]


def test_a_library_without_vectors_has_no_copies(tmp_path):
    assert find_duplicates_in(save_library(tmp_path, [Track(track_id="a")], [], {})) == []


def test_zeros_and_a_vector_that_many_have_are_no_evidence():
    vectors = np.random.default_rng(0).standard_normal((60, 8)).astype(np.float16)
    vectors[::6] = 0
    vectors[1:50:6] = vectors[1]
    vectors[3] = vectors[2]
    pairs, _ = find_equal(vectors)
    assert pairs.tolist() == [[2, 3]]
    assert find_equal(np.zeros((30, 4), np.float16))[0].tolist() == []


def test_a_join_names_the_encoders_whose_vectors_show_it():
    vectors = np.random.default_rng(0).standard_normal((20, 8)).astype(np.float16)
    vectors[3] = vectors[2]
    found = find_duplicates({"mine": ([f"t{i:02}" for i in range(20)], vectors, Layout.flat(8))})
    assert [(j.a, j.b, j.source) for j in found] == [("t02", "t03", "mine")]

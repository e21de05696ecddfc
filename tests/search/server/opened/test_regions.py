"""A region is called by a word that is at home there, and not by words that are everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.search.server.opened import regions
from antiphon.search.server.opened.regions import regions_of

N = 120


def library(root: Path, captions: list[str], **fields: list[object]) -> Library:
    tracks = [Track(track_id=f"t{n}", title=f"Title {n}", artist=f"Artist {n % 3}") for n in range(N)]
    texts = [Caption(caption_id=f"t{n}#0", track_id=f"t{n}", text=text) for n, text in enumerate(captions)]
    save_library(root, tracks, texts, {})
    if fields:
        pq.write_table(pa.table({"track_id": [f"t{n}" for n in range(N)], **fields}), root / "metadata.parquet")
    return Library(root)


def two_sides() -> np.ndarray:
    """Even tracks on the left, odd ones on the right."""
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.2, 0.2, size=(N, 2))
    points[:, 0] += np.where(np.arange(N) % 2, 0.6, -0.6)
    return points.astype(np.float32)


IDS = [f"t{n}" for n in range(N)]


def test_words_of_sentences_stand_where_their_tracks_are_and_articles_nowhere(tmp_path: Path) -> None:
    texts = [f"The {'sad piano' if n % 2 else 'loud guitars'} of the day that never really ends." for n in range(N)]
    found = regions_of(library(tmp_path, texts), IDS, two_sides())
    left, right = ({one.name for one in found if (one.x < 0) == is_left} for is_left in (True, False))
    assert left <= {"loud", "guitars"}
    assert right <= {"sad", "piano"}
    assert left
    assert right
    assert {one.tracks for one in found} == {N // 2}


def test_values_of_fields_count_but_none_that_is_a_tracks_own_or_says_where_files_are(tmp_path: Path) -> None:
    sides = ["right" if n % 2 else "left" for n in range(N)]
    made = library(
        tmp_path, [], genre=[[side, "music"] for side in sides], path=[f"/home/{side}" for side in sides],
        comment=[f"comment number {n}" for n in range(N)],
    )  # fmt: skip
    assert {one.name: one.x > 0 for one in regions_of(made, IDS, two_sides())} == {"left": False, "right": True}


def test_where_words_lie_anyhow_nothing_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texts = [f"{'calm' if rng.random() < 0.5 else 'fast'}, {rng.choice(['piano', 'drums'])}" for _ in range(N)]
    assert regions_of(library(tmp_path, texts), IDS, two_sides()) == []
    assert regions_of(library(tmp_path / "bare", []), IDS, two_sides()) == []


def test_no_two_names_stand_on_one_another(tmp_path: Path) -> None:
    words = [[f"{side} {letter}" for letter in "abcdefgh"] for side in ("even", "odd")]
    texts = [", ".join(words[n % 2]) for n in range(N)]
    found = regions_of(library(tmp_path, texts), IDS, two_sides())
    assert len(found) >= 2
    for at, one in enumerate(found):
        for other in found[:at]:
            assert abs(one.x - other.x) > regions.APART or abs(one.y - other.y) > regions.APART / 2


def test_where_few_tracks_are_described_words_count_among_those(tmp_path: Path) -> None:
    texts = [f"the {'piano' if n % 2 else 'guitar'} of the day that never really ends" for n in range(36)]
    found = regions_of(library(tmp_path, texts), IDS, two_sides())
    assert {one.name: one.x > 0 for one in found} == {"piano": True, "guitar": False}


def test_a_piece_of_a_name_is_called_by_the_whole_name(tmp_path: Path) -> None:
    told = ("Calm new age for the end of a long day.", "Loud guitars for the end of a long day.")
    made = library(tmp_path, [told[n % 2] for n in range(N)], genre=[["new age", "rock"][n % 2] for n in range(N)])
    names = {one.name for one in regions_of(made, IDS, two_sides())}
    assert not names & {"age", "new"}

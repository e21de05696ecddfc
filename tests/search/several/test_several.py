"""Several checkpoints that answer together: as one ensemble, or by ranks where they make none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.train import train
from antiphon.errors import ArgumentError, ConfigError
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.search.checkpoints import best_checkpoint
from antiphon.search.queries.query import Part, Query
from antiphon.search.searcher import Searcher
from antiphon.search.several.ensemble import ensemble_of
from antiphon.search.several.searcher import RankSearcher
from tests.helpers.libraries.made_vectors import make_library, write_vectors

SMALL = TrainConfig(epochs=1, dim=8, hidden=8, epoch_steps=4, hubness="always")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trainings ``one`` and ``two`` of one text encoder, and ``other`` of another one."""
    root = tmp_path_factory.mktemp("several") / "library"
    library = make_library(root, names=("one", "two"), test=8)
    ids = library.caption_column("caption_id").tolist()
    words = open_embedding(library, "text", "words").take(ids).astype(np.float32)
    write_vectors(root, "text", "others", ids, words[:, ::-1].copy())
    for name, text in (("one", "words"), ("two", "words"), ("other", "others")):
        train(root, "one" if name == "other" else name, text=text, name=name, config=SMALL)
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy."""
    return shutil.copytree(made, tmp_path / "library")


def for_search(root: Path, name: str) -> Path:
    return root / "checkpoints" / f"{name}_serving.pt"


def test_an_ensemble_sums_the_cosines_of_what_search_takes_of_each(root: Path) -> None:
    members = [for_search(root, "one"), for_search(root, "two")]
    found = ensemble_of(root, members)
    assert found.checkpoint is not None
    ensemble, library = Bundle.load(found.checkpoint), Library(root)
    ids = library.column("track_id").tolist()
    words = open_embedding(library, "text", "words").take(library.caption_column("caption_id").tolist()[:9])
    weights = Ensemble(ensemble.space).weights
    assert f"one {weights[0]:.2f}, two {weights[1]:.2f} (weights chosen on val)" in found.told[0]
    expected = 0.0
    for path, weight in zip(members, weights, strict=True):
        alone = Bundle.load(path)
        sound = open_embedding(library, "audio", alone.encoder).take(ids)
        expected = expected + weight * (alone.embed_text(words) @ alone.embed_audio(sound).T)
    both = open_embedding(library, "audio", "one,two").take(ids)
    np.testing.assert_allclose(ensemble.embed_text(words) @ ensemble.embed_audio(both).T, expected, atol=2e-6)
    assert ensemble.hubness is not None
    assert ensemble.refitted_on_val == 12


def test_it_is_made_once_and_anew_where_a_training_changed_and_is_no_training_itself(root: Path) -> None:
    members = [for_search(root, "one"), for_search(root, "two")]
    best = best_checkpoint(root)
    first = ensemble_of(root, members).checkpoint
    assert first is not None
    before = first.stat().st_mtime_ns
    again = ensemble_of(root, members)
    assert (again.checkpoint, again.told) == (first, ())
    assert first.stat().st_mtime_ns == before
    assert best_checkpoint(root) == best, "a search changes nothing of what the next one answers with"
    train(root, "two", text="words", config=TrainConfig(**{**vars(SMALL), "seed": 5}), overwrite=True)
    anew = ensemble_of(root, members).checkpoint
    assert anew is not None
    assert anew != first
    assert not first.exists(), "the older one is gone"


def test_what_makes_no_ensemble_says_why(root: Path, tmp_path: Path) -> None:
    other_text = ensemble_of(root, [for_search(root, "one"), for_search(root, "other")])
    assert other_text.checkpoint is None
    assert "text" in other_text.why_not
    elsewhere = shutil.copy(for_search(root, "two"), tmp_path / "two_serving.pt")
    stranger = ensemble_of(root, [for_search(root, "one"), Path(elsewhere)])
    assert (stranger.checkpoint, "two_serving.pt" in stranger.why_not) == (None, True)
    last = ensemble_of(root, [for_search(root, "one"), root / "checkpoints" / "two_last.pt"])
    assert "two_last.pt" in last.why_not
    with pytest.raises(ConfigError, match=r"one_serving\.pt is named twice"):
        ensemble_of(root, [for_search(root, "one")] * 2)
    spelt = root / "checkpoints" / ".." / "checkpoints" / "one_serving.pt"
    with pytest.raises(ConfigError, match=r"one_serving\.pt is named twice"):
        ensemble_of(root, [for_search(root, "one"), spelt])
    assert ensemble_of(root, [spelt, for_search(root, "two")]).checkpoint is not None


@pytest.mark.parametrize("damage", [lambda whole: whole[:500], lambda whole: whole[:-900] + b"x" * 900, lambda _: b""])
def test_a_damaged_ensemble_is_made_anew(root: Path, damage: Callable[[bytes], bytes]) -> None:
    members = [for_search(root, "one"), for_search(root, "two")]
    first = ensemble_of(root, members).checkpoint
    assert first is not None
    first.write_bytes(damage(first.read_bytes()))
    again = ensemble_of(root, members)
    assert again.checkpoint == first
    assert "Made an ensemble" in again.told[0]
    Bundle.load(first)


def test_an_ensemble_of_other_trainings_stays_until_one_of_them_is_gone(root: Path) -> None:
    for kind in ("best_r1", "serving"):
        shutil.copy(root / "checkpoints" / f"two_{kind}.pt", root / "checkpoints" / f"three_{kind}.pt")
    first = ensemble_of(root, [for_search(root, "one"), for_search(root, "two")]).checkpoint
    assert first is not None
    other = ensemble_of(root, [for_search(root, "one"), for_search(root, "three")])
    assert other.checkpoint is not None, other.why_not
    assert first.exists(), "a search that was told of it may be about to open it"
    (root / "checkpoints" / "two_best_r1.pt").unlink()
    shutil.rmtree(other.checkpoint.parent)
    ensemble_of(root, [for_search(root, "one"), for_search(root, "three")])
    assert not first.exists()


@pytest.fixture
def by_ranks(root: Path, monkeypatch: pytest.MonkeyPatch) -> RankSearcher:
    searcher = RankSearcher(root, [for_search(root, "one"), for_search(root, "other")], why="they differ")
    rng = np.random.default_rng(0)
    for member in searcher.members:
        known = {text: rng.normal(size=member.model.dim).astype(np.float32) for text in ("calm", "loud")}

        def score(texts: Sequence[str], member: Searcher = member, known: dict[str, np.ndarray] = known) -> np.ndarray:
            return member.model.score_vectors(np.stack([known[text] for text in texts]))

        monkeypatch.setattr(member.model, "score_text", score)
    return searcher


def slow(rankings: Sequence[Sequence[str]]) -> list[str]:
    tracks = sorted({track for ranking in rankings for track in ranking})
    worth = {track: sum(1 / (61 + each.index(track)) for each in rankings if track in each) for track in tracks}
    return sorted(tracks, key=lambda track: (-round(worth[track], 9), rankings[0].index(track)))


def test_ranks_are_those_of_all_tracks_and_filters_and_exclusions_hold(by_ranks: RankSearcher, root: Path) -> None:
    for query in (
        Query(wanted=(Part("calm"),)),
        Query(wanted=(Part("calm", 2), Part("loud"))),
        Query(wanted=(Part("calm"),), excluded=("loud",)),
        Query(wanted=(Part("calm"),), like=("t003",)),
    ):
        for where in (None, "split = train"):
            rankings = [
                [hit.track_id for hit in member.ranked(query, k=60, where=where)] for member in by_ranks.members
            ]
            hits = by_ranks.answer(query, k=60, where=where)
            assert [hit.track_id for hit in hits] == slow(rankings)
            assert len(hits) == (60 if where is None else 40) - len(query.like)
    similar = [[hit.track_id for hit in member.similar("t001", k=60)] for member in by_ranks.members]
    assert [hit.track_id for hit in by_ranks.similar("t001", k=5)] == slow(similar)[:5]
    assert by_ranks.search("calm", k=3)[0].by == "one_serving,other_serving"


def test_it_leaves_the_index_as_it_is_and_says_what_it_does(root: Path) -> None:
    Searcher(root, for_search(root, "two"))
    before = (root / "index" / "index.json").read_bytes()
    searcher = RankSearcher(root, [for_search(root, "one"), for_search(root, "two")], why="because")
    assert len(searcher.similar("t001", k=3)) == 3
    assert (root / "index" / "index.json").read_bytes() == before
    said = " ".join(searcher.remarks())
    assert "together by the ranks that each gives: because" in said
    assert "not judged" in said


def test_python_takes_several_by_name(root: Path) -> None:
    library = antiphon.open(root)
    together = library.similar("t001", k=4, checkpoint=["one", "two"])
    assert {hit.by for hit in together} == {"one,two_serving"}
    by_rank = library.similar("t001", k=4, checkpoint=["one", "other"])
    assert {hit.by for hit in by_rank} == {"one_serving,other_serving"}
    assert by_rank == library.similar("t001", k=4, checkpoint=("one", "other"))
    assert library.similar("t001", k=4, checkpoint=["one"]) == library.similar("t001", k=4, checkpoint="one")
    with pytest.raises(ArgumentError, match="No checkpoint is named"):
        library.similar("t001", checkpoint=[])

"""How well two spaces do together, at several shares at once."""

import numpy as np
import pytest

from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.ensemble import joined
from antiphon.arrays import Embeddings
from antiphon.metrics import shares
from antiphon.metrics.retrieval import mean_mrr, rank_both
from antiphon.metrics.shares import tracks_by_share


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def _several_captions(n: int, m: int, rng: np.random.Generator) -> PairSet:
    """Tracks with captions of which many are the same text."""
    owner = np.concatenate([np.arange(n), rng.integers(0, n, m - n)])
    empty = Rows.all_of(np.zeros((n, 1), np.float32)), Rows.all_of(np.zeros((m, 1), np.float32))
    return PairSet(*empty, owner, rng.integers(0, m // 2, m))


@pytest.mark.parametrize("block", [7, 1024])
def test_mrr_by_share_is_that_of_the_vectors_side_by_side(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "BLOCK", block)
    rng = np.random.default_rng(1)
    pairs = _several_captions(30, 50, rng)
    spaces = [Embeddings(unit(rng.normal(size=(50, d))), unit(rng.normal(size=(30, d)))) for d in (5, 9)]
    wanted = (0.0, 0.3, 1.0)
    found = tracks_by_share(*spaces, pairs, wanted).mean(axis=1)
    slow = [mean_mrr(joined(spaces, [1 - share, share]), pairs) for share in wanted]
    np.testing.assert_allclose(found, slow, rtol=1e-12)


def test_what_a_track_adds_is_its_own_reciprocal_rank_and_those_of_its_captions() -> None:
    rng = np.random.default_rng(3)
    pairs = _several_captions(12, 30, rng)
    space = Embeddings(unit(rng.normal(size=(30, 5))), unit(rng.normal(size=(12, 5))))
    (found,) = tracks_by_share(space, space, pairs, (0.5,))
    ranks = rank_both(*space, pairs.track_of_caption, pairs.text_id)
    for track in range(12):
        asked = sum(1 / ranks["t2a"][caption] for caption in np.flatnonzero(pairs.track_of_caption == track))
        assert found[track] == pytest.approx((asked * 12 / 30 + 1 / ranks["a2t"][track]) / 2)


def test_mrr_by_share_of_what_is_all_the_same_or_no_number_is_the_worst() -> None:
    rng = np.random.default_rng(2)
    n = 20
    pairs = _several_captions(n, n, rng)
    same = Embeddings(unit(np.ones((n, 4))), unit(np.ones((n, 4))))
    nothing = Embeddings(np.full((n, 4), np.nan, np.float32), same.audio)
    expected = mean_mrr(same, pairs)
    assert tracks_by_share(same, same, pairs, [0.5]).mean(axis=1) == [pytest.approx(expected)]
    assert tracks_by_share(nothing, same, pairs, [0.5]).mean(axis=1) == [pytest.approx(expected, abs=0.02)]

"""How well a checkpoint answers the queries that people type, held against whole captions of the same tracks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon import registry
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.text_encoder import text_encoder_of
from antiphon.encoders._shared.weights import weights_here
from antiphon.errors import AntiphonError, EncoderError
from antiphon.evaluate.split_vectors import LEAST_RESAMPLES, SplitVectors
from antiphon.evaluate.typed.queries import CORRECT, Source, TypedQuery, make_queries
from antiphon.evaluate.typed.terms import terms_of, words_of
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance
from antiphon.metrics import bootstrap, significance
from antiphon.metrics.ranks import Correct, ranks
from antiphon.metrics.retrieval import chance, summarise

Float32 = NDArray[np.float32]
ReadTexts = Callable[[Sequence[str]], Float32]
"""Texts → (q, k) vectors whose dot products with a split's audio are the scores."""
MOST = 100
"""Queries of a kind. Five kinds are some 450 short texts, about a second of a small text encoder."""
FEWEST = 25
READING_S = 10.0
"""Seconds of reading beyond which a slow text encoder is asked fewer queries of a kind."""
TOP = 10
SHOWN = 3
TOGETHER = 32
"""Queries whose scores are held at once."""
LOOKED_AT = 1000
"""Training captions whose words are counted."""
FIGURES = ("R@10", "MRR")


def typed_queries(
    library: Library, bundle: Bundle, vectors: SplitVectors, *, resamples: int, seed: int
) -> dict[str, Any]:
    """The queries that people type, asked of a checkpoint.

    Parameters
    ----------
    vectors : of the split.
    resamples, seed : of the intervals.

    Returns
    -------
    As :func:`figures_of_queries`; or ``{"missing": why}`` where the text encoder cannot read new texts here.
    """
    try:
        _require_weights(bundle.text_provenance)
        encoder = text_encoder_of(bundle)
    except AntiphonError as error:
        return {"missing": error.problem}
    found = figures_of_queries(
        library,
        vectors,
        lambda texts: bundle.score_text(encoder.encode(list(texts))),
        most=affordable(getattr(encoder.card, "query_ms", 0.0)),
        resamples=resamples,
        seed=seed,
    )
    return {**found, "caption_words": words_of_training(library, bundle)}


def _require_weights(made_by: Provenance) -> None:
    """A measurement fetches nothing.

    Raises
    ------
    EncoderError : a text encoder's weights are not on this machine.
    """
    for source in made_by.sources or (made_by,):
        if source.origin != "imported" and source.encoder in registry.names("text"):
            plugin = registry.find(source.encoder, "text")
            if not (source.source and source.source != plugin.card.hub_id) and not weights_here(plugin):
                raise EncoderError(f"The weights of {source.encoder} are not on this machine.")


def affordable(query_ms: float) -> int:
    """How many queries of a kind are read, where one takes so many milliseconds."""
    return MOST if query_ms <= 0 else int(np.clip(1000 * READING_S / (len(CORRECT) * query_ms), FEWEST, MOST))


def words_of_training(library: Library, bundle: Bundle) -> float:
    """Words of the median training caption (of many a sample); 0 where the library has lost these tracks."""
    trained = set(bundle.train_ids)
    mine = np.array([track_id in trained for track_id in library.caption_column("track_id")], dtype=np.bool_)
    texts = library.caption_column("text")[mine]
    lengths = [len(text.split()) for text in texts[:: 1 + len(texts) // LOOKED_AT]]
    return float(np.median(lengths)) if lengths else 0.0


def figures_of_queries(
    library: Library,
    vectors: SplitVectors,
    read: ReadTexts,
    *,
    most: int = MOST,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """The queries that people type, whoever reads them.

    Parameters
    ----------
    read : what the texts mean.
    most : queries of a kind.
    resamples, seed : of the intervals; 0 resamples leave intervals and tests out.

    Returns
    -------
    ``n_items``, ``most`` (queries of a kind), ``kinds``: kind → ``correct`` (what counts), ``examples``, ``n_queries``,
    ``n_groups``, ``R@10``, ``MRR``, ``chance`` and ``ci95`` of these, clustered by the group of the track that a query
    was made of, and

    - ``as_caption``, but for whole captions: ``MRR`` of the whole captions of the same tracks among the same correct
      answers, ``share`` that the typed query loses (−0.38: 38 % less) and ``difference``, ``ci95``, ``p``, ``clusters``
      as :func:`antiphon.metrics.significance.paired` gives them;
    - ``excluded``, of exclusions: ``share`` of the top ten (0–1) that goes to tracks which are not wanted, ``plain``,
      the same for what is wanted alone, ``chance``; and ``difference`` (share − plain) with ``ci95``, ``p``,
      ``clusters``.

    A kind of which no query can be made here has ``n_queries`` 0 and no figures.

    Raises
    ------
    LibraryError : the metadata are damaged.
    """
    source = Source(vectors.pairs, terms_of(library, vectors.pairs), words_of(vectors.pairs))
    made = make_queries(source, most)
    texts = list(dict.fromkeys(t for kind in made if kind != "caption" for q in made[kind] for t in (q.text, q.plain)))
    texts = [text for text in texts if text]
    row_of = {text: row for row, text in enumerate(texts)}
    matrix = read(texts) if texts else np.empty((0, vectors.text.shape[1]), np.float32)

    def scored(wanted: Sequence[str]) -> Float32:
        return matrix[[row_of[text] for text in wanted]]

    sure = {"resamples": resamples, "seed": seed}
    kinds = {kind: _figures(vectors, kind, queries, scored, **sure) for kind, queries in made.items()}
    return {"n_items": source.n, "most": most, "kinds": kinds}


def _figures(
    vectors: SplitVectors, kind: str, queries: list[TypedQuery], scored: ReadTexts, *, resamples: int, seed: int
) -> dict[str, Any]:
    said = {"correct": CORRECT[kind], "examples": [q.text for q in queries[:SHOWN]], "n_queries": len(queries)}
    if not queries:
        return said
    correct = Correct(
        np.cumsum([0, *(len(q.correct) for q in queries)], dtype=np.int64),
        np.array([row for q in queries for row in sorted(q.correct)], dtype=np.int64),
    )
    captions = np.array([q.caption for q in queries])
    groups = vectors.clusters[vectors.pairs.track_of_caption[captions]]
    whole = vectors.text[captions]
    found = ranks(whole if kind == "caption" else scored([q.text for q in queries]), vectors.audio, correct)
    by_chance = chance(len(vectors.audio), correct.counts)
    figures: dict[str, Any] = {
        **said,
        "n_groups": len(np.unique(groups)),
        **_only(summarise(found)),
        "chance": _only(by_chance),
    }
    if resamples:
        figures["ci95"] = _only(bootstrap.intervals(found, (groups,), resamples=resamples, seed=seed))
    if kind != "caption":
        figures["as_caption"] = _beside(found, ranks(whole, vectors.audio, correct), groups, resamples, seed)
    if kind == "exclusion":
        figures["excluded"] = _excluded(vectors, queries, scored, groups, resamples, seed)
    return figures


def _only(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: figures[key] for key in FIGURES}


def _beside(
    typed: NDArray[np.int64], whole: NDArray[np.int64], groups: NDArray[np.int64], resamples: int, seed: int
) -> dict[str, Any]:
    mine, theirs = float((1 / typed).mean()), float((1 / whole).mean())
    found: dict[str, Any] = {"MRR": theirs, "share": mine / theirs - 1}
    if resamples:
        more = max(resamples, LEAST_RESAMPLES)
        found |= significance.paired(typed, whole, (groups,), resamples=more, seed=seed)["MRR"]
    return found


def _excluded(
    vectors: SplitVectors,
    queries: list[TypedQuery],
    scored: ReadTexts,
    groups: NDArray[np.int64],
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """How much of the top ten goes to what was excluded."""
    share = _share_of_top(vectors.audio, scored([q.text for q in queries]), queries)
    plain = _share_of_top(vectors.audio, scored([q.plain for q in queries]), queries)
    by_chance = float(np.mean([len(q.excluded) for q in queries])) / len(vectors.audio)
    found: dict[str, Any] = {"share": float(share.mean()), "plain": float(plain.mean()), "chance": by_chance}
    if resamples:
        more = max(resamples, LEAST_RESAMPLES)
        found |= significance.paired_means(share - plain, (groups,), resamples=more, seed=seed)
    return found


def _share_of_top(audio: Float32, asked: Float32, queries: list[TypedQuery]) -> NDArray[np.float64]:
    """(q,) share of each query's ten best tracks that it excludes, 0 … 1."""
    top = min(TOP, len(audio))
    found: list[float] = []
    for start in range(0, len(queries), TOGETHER):
        scores = asked[start : start + TOGETHER] @ audio.T
        for query, best in zip(queries[start:], np.argpartition(-scores, top - 1)[:, :top], strict=False):
            found.append(len(query.excluded.intersection(best.tolist())) / top)
    return np.array(found)

"""Answers of a library that no person described: its training beside what it answers with before any training.

A training on captions that Antiphon made repeats them from memory; the captions themselves, and the tags that they were
made of, are there too. Together they find what people ask for better than the training alone
(``docs/experiments/any-library.md``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.library.commands import command
from antiphon.printed import counted
from antiphon.search.hits import Hits
from antiphon.search.queries.query import Query
from antiphon.search.queries.readable import require_some
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.remark import Remark
from antiphon.search.zero_shot.mixture import mix_query
from antiphon.search.zero_shot.searcher import UntrainedSearcher
from antiphon.search.zero_shot.ways.made_training import MadeTraining
from antiphon.search.zero_shot.ways.trained import Trained


class MadeSearcher:
    """Answers questions about one library with a checkpoint that no person's caption has taught, and with all else.

    Parameters
    ----------
    searcher : with the checkpoint.
    """

    one_way = False

    def __init__(self, searcher: Trained) -> None:
        self.searcher = searcher
        self._untrained = UntrainedSearcher(searcher.library.root)
        self._training = MadeTraining(searcher)

    def search(self, text: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer ``text`` best; errors as :meth:`UntrainedSearcher.search`."""
        require_some(k)
        return self.answer(read_query(text), k=k, where=where)

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a query best, by the checkpoint alone where it names tracks or files."""
        require_some(k)
        if query.named or query.files:
            return self.searcher.answer(query, k=k, where=where)
        ways = [*self._untrained.ways.open, self._training]
        names = np.array([way.name for way in ways], object)
        found = mix_query(ways, query)
        allowed = self._untrained.allowed(where)
        hits = self._untrained.named_first(query, found.scores, allowed, k, names[found.leading])
        return self.searcher.marked(hits, query.words)

    def track_scores(self, query: Query) -> NDArray[np.float32]:
        """(n,) how well each track of the library answers a query; NaN for those that are no answers."""
        if not query.named and not query.files:
            return mix_query([*self._untrained.ways.open, self._training], query).scores
        row_of = self.searcher.library.row_of_track
        hits = self.searcher.answer(query, k=len(row_of))
        found = np.full(len(row_of), np.nan, np.float32)
        found[[row_of[hit.track_id] for hit in hits]] = [hit.score for hit in hits]
        return found

    def scores_like(self, track_ids: Sequence[str]) -> NDArray[np.float32]:
        """(q, n) cosines of the library's tracks with some of them; NaN for tracks that the index lacks."""
        return np.stack([self._training.placed(self.searcher.cosines(each)) for each in track_ids])

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks nearest to a track in the shared space, itself left out; errors as :meth:`Trained.similar`."""
        return self.searcher.similar(track_id, k=k, where=where)

    def similar_ids(self, track_ids: Sequence[str], *, k: int) -> list[list[str]]:
        """Of each of some tracks the k nearest to it, itself left out; none of one that the index lacks."""
        return self.searcher.similar_ids(track_ids, k=k)

    def query_remarks(self, text: str) -> list[Remark]:
        """What of a query that is not blank was not read."""
        return self.searcher.query_remarks(text)

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside answers, a sentence each."""
        lines = self.searcher.remarks(text)
        if not text:
            return lines
        beside = ", ".join(way.title for way in self._untrained.ways.open)
        sources = f"answers come from {beside}, and from a training on what Antiphon wrote itself."
        return [*lines, *self._by_people(sources)]

    def _by_people(self, sources: str) -> list[str]:
        library = self.searcher.library
        captions, tracks = (library.caption_column(name) for name in ("kind", "track_id"))
        written = set(tracks[captions == "human"])
        if waiting := written & set(library.column("track_id")[library.tracks_in("train")]):
            read, again = (command(words, library.root) for words in ("embed", "train"))
            return [
                f"What people wrote of {counted(len(waiting), 'track')} has not been learned yet: {sources} "
                f"Learn it: {read}, then {again}"
            ]
        some = "The little that people wrote lies in val and test" if written else "Nobody has described this music yet"
        own = command("caption --out captions.csv", library.root)
        return [f"{some}: {sources} Descriptions of your own, of a few dozen tracks, make them better: {own}"]

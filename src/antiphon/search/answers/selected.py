"""A question's answers as a person gets them: ranked, selected, and judged by how well they fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from antiphon.search.answers.fit.judging import Judge
from antiphon.search.answers.selection import Selection
from antiphon.search.hits import Hits
from antiphon.search.queries.naming.first import NAME
from antiphon.search.queries.query import Query
from antiphon.search.queries.readable import require_some
from antiphon.search.queries.remark import Remark

if TYPE_CHECKING:
    from antiphon.search.answering import Answering
    from antiphon.search.answers.why import Why


@dataclass(frozen=True, kw_only=True)
class SelectedAnswers:
    """What answers queries to one library: the same for a question, a file of them, a terminal, and Python.

    Parameters
    ----------
    searcher : what ranks the library's tracks.
    selection : which of the ranked tracks are answers.
    k : how many, at least 1.
    where : a filter that answers must pass (:mod:`antiphon.search.filters`).
    """

    searcher: Answering
    selection: Selection
    k: int = 10
    where: str | None = None

    def to(self, query: Query) -> Hits:
        """The best answers to a query, with what each is better than where that is known.

        Raises
        ------
        LibraryError : it names a track that the library does not have.
        ConfigError : ``k`` is below 1, or the filter is wrong.
        """
        require_some(self.k)
        hits = self.selection.of(lambda count: self.searcher.answer(query, k=count, where=self.where), self.k)
        return self._judge(query).marked(hits)

    def remarks(self, query: Query, hits: Hits, *, of_gone: bool = True) -> list[str]:
        """What is to be said of the answers to a query: how well they fit, and how the query was read.

        Parameters
        ----------
        of_gone : whether who asks may learn what was in the library once.
        """
        return [*self._judge(query).remarks(query.words, hits, of_gone=of_gone), *query.remarks()]

    def query_remarks(self, query: Query, hits: Hits) -> list[Remark]:
        """What of a query's words was not read, as far as that matters to these answers to it."""
        said = self.searcher.query_remarks(query.words) if query.wanted else []
        return [meant for remark in said if (meant := beside_names(remark, hits)) is not None]

    def all_remarks(self, query: Query, hits: Hits) -> list[str]:
        """All that is to be said beside these answers, to the library's owner: a sentence each, in their order."""
        meant = {str(each): beside_names(each, hits) for each in self.searcher.query_remarks(query.words)}
        lines = ((line, meant.get(line)) for line in self.searcher.remarks(query.words))
        said = [line if remark is None else str(remark) for line, remark in lines if line not in meant or remark]
        return [*self.remarks(query, hits), *said]

    def reasons(self, query: Query, hits: Hits) -> list[Why]:
        """Why each of the hits is an answer."""
        from antiphon.search.answers.why import Explainer

        return Explainer(self.selection.opened(), self.searcher, query).why(hits)

    def _judge(self, query: Query) -> Judge:
        """Scores of other questions than words alone have another scale: of them nothing is said."""
        return Judge(self.selection.root, self.searcher if query.is_plain else None)


def beside_names(remark: Remark, hits: Hits) -> Remark | None:
    """A remark as it holds beside answers that a name found, for which nobody has to read the query's language.

    Where a name found all answers nothing is said of the language; where it found the first, that the others are meant.
    """
    named = [hit.by == NAME for hit in hits]
    if not remark.of_language or not any(named):
        return remark
    others = "but for what its name found, answers are guesses, since"
    return None if all(named) else replace(remark, problem=f"{others} {remark.problem}")

"""One state of a library, opened: what answers, and what is known of its tracks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.library.next_step import tried
from antiphon.library.tracks import Library
from antiphon.search.light.opening import light_searcher
from antiphon.search.server.opened.cards import Cards

if TYPE_CHECKING:
    from antiphon.search.answering import Answering
    from antiphon.search.playlists.source import Source


@dataclass(frozen=True)
class Opened:
    """What requests are answered from; nothing of it changes while it is in use.

    Parameters
    ----------
    library : its tables.
    searcher : what answers.
    """

    library: Library
    searcher: Answering

    @cached_property
    def cards(self) -> Cards:
        """What is known of its tracks."""
        return Cards(self.library)

    @cached_property
    def heard(self) -> int:
        """How many tracks an encoder has heard, or failed to."""
        return len(tried(self.library, "audio") & self.library.row_of_track.keys())

    @property
    def trained(self) -> bool:
        """Whether a training answers, alone or beside other ways."""
        from antiphon.search.zero_shot.searcher import UntrainedSearcher

        return not isinstance(self.searcher, UntrainedSearcher)

    @cached_property
    def answers_by(self) -> str:
        """What answers, in a few words."""
        return self.standing[0].rstrip(".") if self.standing else ""

    @cached_property
    def standing(self) -> tuple[str, ...]:
        """What is to be said of the library beside any answer."""
        return tuple(self.searcher.remarks())

    @cached_property
    def source(self) -> Source:
        """What playlists and paths are made from."""
        from antiphon.search.indexes.exact import open_index
        from antiphon.search.light.searcher import LightSearcher
        from antiphon.search.playlists.source import TrainedSource, of_answering

        if not isinstance(self.searcher, LightSearcher):
            return of_answering(self.searcher, self.library)
        side = self.searcher.text_side
        return TrainedSource(
            self.library,
            open_index(self.library.root),
            score=side.score,
            dim=side.dim,
            name=side.name,
            remarks=self.searcher.remarks,
        )


def open_library(root: Path) -> Opened:
    """Open a library as it is on disk now; torch is loaded only where nothing else answers.

    Raises
    ------
    LibraryError : there is no library, or it is damaged.
    """
    library = Library(root)
    len(library.track_table)
    light = light_searcher(root)
    if light is not None:
        return Opened(library, light)
    from antiphon.search.answering import answering

    return Opened(library, answering(root))

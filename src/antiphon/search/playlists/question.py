"""What a playlist is asked for: words, a path of several queries, or radio from a track."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from antiphon.errors import ConfigError

MINUTES = 60.0
RADIO_VARIETY = 0.3
"""Of a radio that names none (``docs/experiments/paths.md``)."""
LONGEST_MINUTES, MOST_TRACKS = 60.0 * 24 * 7, 2000


@dataclass(frozen=True, kw_only=True)
class Question:
    """One playlist, not yet answered.

    Parameters
    ----------
    stops : queries; one is answered by the best tracks, several by a path from the first to the last.
    radio : id or title of the track that a radio begins with; None for none.
    like : ids or titles of tracks that it is like, alone, beside one query, or beside the radio's.
    excluded : texts of what it must not be like.
    exclude : files with ids or paths of tracks that shall not be in it.
    minutes : how long it is to be; None for ``k`` tracks, or 60 where that is None, too.
    k : how many tracks.
    where : a filter that tracks must pass (:mod:`antiphon.search.filters`).
    variety : 0 to 1; None for 0, and for a radio 0.3.
    seed : another seed gives another choice; None for the plain order.
    per_artist : at most so many tracks of one artist; None for any number.
    checkpoint : a file, or a training's name; None for the library's best.
    index : the address of a Milvus collection that is asked; None for the library's own index.

    Raises
    ------
    ConfigError : something does not go together, or is out of range.
    """

    stops: tuple[str, ...] = ()
    radio: str | None = None
    like: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    minutes: float | None = None
    k: int | None = None
    where: str | None = None
    variety: float | None = None
    seed: int | None = None
    per_artist: int | None = None
    checkpoint: str | None = None
    index: str | None = None

    def __post_init__(self) -> None:
        if not (self.stops or self.like) if self.radio is None else bool(self.stops):
            raise ConfigError(
                "A playlist needs either words or a track to begin with.",
                fix='antiphon playlist "calm piano", or antiphon playlist --radio TRACK',
            )
        if len(self.stops) > 1 and self.like:
            raise ConfigError("A path goes from words to words, and is like no track.", fix="Leave --like out.")
        if self.minutes is not None and self.k is not None:
            raise ConfigError("A playlist is as long as --minutes or as -k says, not as both.", fix="Leave one out.")
        _require("minutes", self.minutes, 0, LONGEST_MINUTES)
        _require("k", self.k, 0, MOST_TRACKS)
        _require("seed", self.seed, -1, 2**63)
        _require("per-artist", self.per_artist, 0, MOST_TRACKS)
        if self.variety is not None and not 0 <= self.variety <= 1:
            raise ConfigError(f"variety is {self.variety}: it goes from 0 to 1.", fix="--variety 0.3")
        if len(self.stops) > 1 and (self.variety is not None or self.seed is not None):
            raise ConfigError("A path has no variety and no seed: it is the best one.", fix="Leave them out.")

    @property
    def name(self) -> str:
        """What the playlist is called unless it gets a name."""
        begins = f"Radio: {self.radio}" if self.radio is not None else " → ".join(self.stops)
        like = f"like {', '.join(self.like)}" if self.like else ""
        unlike = f"not {', '.join(self.excluded)}" if self.excluded else ""
        return ", ".join(filter(None, (begins, like, unlike)))

    @property
    def seconds(self) -> float | None:
        """How long it is to be; None where the number of tracks is given."""
        return None if self.k is not None else 60 * (MINUTES if self.minutes is None else self.minutes)

    @property
    def spread(self) -> float:
        """The variety that counts."""
        return self.variety if self.variety is not None else RADIO_VARIETY if self.radio is not None else 0.0

    def to_dict(self) -> dict[str, Any]:
        """What was asked, without what was not."""
        return {name: value for name, value in asdict(self).items() if value is not None and value != ()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Question:
        """Of :meth:`to_dict`.

        Raises
        ------
        ConfigError : it has a field that no question has, or a value of another type.
        """
        unknown = set(data) - {field.name for field in fields(cls)}
        if unknown:
            raise ConfigError(f"'{min(unknown)}' is nothing that a playlist is asked for.", fix="Save it again.")
        lists = {name: data.get(name, ()) for name in _LISTS}
        for name, texts in lists.items():
            if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
                raise ConfigError(f"{name} are {texts!r}: they have to be texts.", fix="Save it again.")
        for name, kinds in _KINDS.items():
            if not isinstance(data.get(name), (*kinds, type(None))):
                raise ConfigError(f"{name} is {data[name]!r}, which it cannot be.", fix="Save it again.")
        return cls(**{**data, **{name: tuple(texts) for name, texts in lists.items()}})


_LISTS = ("stops", "like", "excluded", "exclude")
_KINDS: dict[str, tuple[type, ...]] = {
    "radio": (str,),
    "where": (str,),
    "checkpoint": (str,),
    "index": (str,),
    "minutes": (int, float),
    "variety": (int, float),
    "k": (int,),
    "per_artist": (int,),
    "seed": (int,),
}


def _require(name: str, value: float | None, above: float, most: float) -> None:
    if value is not None and not above < value <= most:
        shown = f"--{name}" if name != "k" else "-k"
        raise ConfigError(f"{name} is {value}: it has to be above {above:g}, at most {most:g}.", fix=f"{shown} 30")

"""A query: what is wanted, how much of each, and what is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from antiphon.errors import ConfigError, LibraryError


class Part(NamedTuple):
    """Something that is wanted.

    Parameters
    ----------
    text : words.
    weight : how much they count beside the other parts; above 0.
    """

    text: str
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Query:
    """One question to a library.

    Parameters
    ----------
    wanted : what the music is like.
    excluded : what it must not be like, a text each.
    like : ids of tracks that it is like; together they count as much as all words.
    unlike : ids of tracks that it must not be like.
    files : audio files that it is like, of the library or not; they count as tracks do.
    typed : the whole text as it was typed, which may be a name; "" where it is not known.

    Raises
    ------
    LibraryError : nothing is wanted.
    ConfigError : a weight is not above 0.
    """

    wanted: tuple[Part, ...] = ()
    excluded: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    typed: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.wanted and not self.sounds:
            unwanted = f"Only what is not wanted is asked for: {', '.join(self.excluded)}."
            raise LibraryError(
                unwanted if self.excluded else "The query is empty.",
                fix='Describe the music: antiphon search "slow sad piano"',
            )
        for part in self.wanted:
            if not 0 < part.weight < float("inf"):
                raise ConfigError(
                    f"'{part.text}' has the weight {part.weight:g}: weights are above 0.",
                    fix=f'What is not wanted: antiphon search WORDS --not "{part.text}"',
                )

    @property
    def sounds(self) -> tuple[str, ...]:
        """Tracks and files that it is like."""
        return self.like + self.files

    @property
    def is_plain(self) -> bool:
        """Whether it is one text and nothing else."""
        return len(self.wanted) == 1 and not (self.excluded or self.sounds or self.unlike)

    @property
    def named(self) -> tuple[str, ...]:
        """Ids of all tracks that it names; none of them is an answer."""
        return (*self.like, *self.unlike)

    @property
    def words(self) -> str:
        """All that is wanted, as one text."""
        return ", ".join(part.text for part in self.wanted)

    def remarks(self) -> list[str]:
        """How the words were read, where they are not simply a description."""
        weighed = len({part.weight for part in self.wanted}) > 1
        shares = ", ".join(f"{part.text} ({part.weight:g})" for part in self.wanted)
        return [
            *([f"Weights: {shares}."] if weighed else []),
            *([f"Left out: what is most like {' or '.join(self.excluded)}."] if self.excluded else []),
        ]

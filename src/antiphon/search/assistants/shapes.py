"""What the tools answer: few fields, each with a word on what it means, since a language model reads them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from antiphon.search.hits import Hit
from antiphon.search.server.answer import Answer
from antiphon.search.server.opened.cards import TrackCard


class FoundTrack(BaseModel):
    """One answer."""

    rank: int = Field(description="From 1, the best.")
    track_id: str = Field(description="What other tools call the track by.")
    title: str
    artist: str
    album: str = ""
    seconds: float | None = Field(None, description="Its length; null where it is not known.")
    better_than: float | None = Field(
        None, description="Percent of tracks that fit such words less; null where that was not calibrated."
    )
    fits_best_at: float | None = Field(None, description="Where in the track the words fit best, seconds.")

    @classmethod
    def from_hit(cls, hit: Hit, card: TrackCard) -> FoundTrack:
        """One hit, and what is known of its track."""
        return cls(
            rank=hit.rank,
            track_id=hit.track_id,
            title=hit.title,
            artist=hit.artist,
            album=card.album,
            seconds=card.seconds,
            better_than=hit.better_than,
            fits_best_at=hit.best_at,
        )


class Tracks(BaseModel):
    """Answers, best first, and what is to be said of them."""

    tracks: list[FoundTrack]
    remarks: list[str] = Field(description="Such as: nothing here fits well. To be told to whoever asked.")

    @classmethod
    def from_answer(cls, answer: Answer) -> Tracks:
        """Without the remarks on the library's own standing: those name files and commands of this machine."""
        found = [FoundTrack.from_hit(hit, card) for hit, card in zip(answer.hits, answer.cards, strict=True)]
        return cls(tracks=found, remarks=answer.remarks)


class TrackDescription(BaseModel):
    """A description near to a track."""

    text: str
    own: bool = Field(description="Whether somebody wrote it of this very track.")


class TrackAndWords(BaseModel):
    """A track, and words for it."""

    track_id: str
    title: str
    artist: str
    album: str
    seconds: float | None
    metadata: dict[str, str] = Field(description="Its file tags, and what else its table says; long ones are cut.")
    captions: list[TrackDescription]


class PlaylistMade(BaseModel):
    """A playlist that was written."""

    name: str
    tracks: int
    remarks: list[str]


class About(BaseModel):
    """What there is to ask."""

    tracks: int
    heard: int = Field(description="Tracks whose sound is known; only these answer to descriptions of sound.")
    answers_by: str
    filters: list[str] = Field(description="Fields that `where` may ask for, with their types and some values.")

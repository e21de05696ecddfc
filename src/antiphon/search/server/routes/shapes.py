"""What may be sent, and what comes back."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Asked(BaseModel):
    """A body whose unknown fields are refused, so that a misspelt one is not ignored in silence."""

    model_config = ConfigDict(extra="forbid")


class SearchRequest(Asked):
    """A question in words."""

    query: str = Field(
        "", description="What the music is like: `slow sad piano`, `piano:2 rain`, `piano, no drums`.", max_length=2000
    )
    k: int = Field(20, ge=1, le=500, description="How many answers.")
    where: str | None = Field(
        None, max_length=2000, description='A filter that answers must pass: `year >= 1970 and genre = "jazz"`.'
    )
    versions: bool = Field(False, description="Whether every version of a song is an answer of its own.")
    per_artist: int | None = Field(None, ge=1, description="At most so many answers of one artist.")
    per_album: int | None = Field(None, ge=1, description="At most so many answers of one album.")
    exclude: list[str] = Field(default_factory=list, description="Ids of tracks that are no answers.")
    like: list[str] = Field(default_factory=list, description="Ids of tracks that answers are to be like.")
    explain: bool = Field(False, description="Whether each answer says why it is one.")


class VersionShape(BaseModel):
    """Another version of an answer's song, or another file of its recording."""

    track_id: str
    title: str
    path: str | None = Field(None, description="Its file; for owners alone.")


class HitShape(BaseModel):
    """One answer."""

    rank: int = Field(description="From 1.")
    track_id: str
    score: float = Field(description="What is ranked by: of a training a cosine, −1 … 1.")
    title: str
    artist: str
    album: str = ""
    seconds: float | None = Field(None, description="Length; null where it is not known.")
    path: str | None = Field(None, description="The file; for owners alone.")
    by: str = Field(description="What found it.")
    best_at: float | None = Field(None, description="Where in the track the words fit best, seconds.")
    better_than: float | None = Field(None, description="Percent of tracks that score less for others' captions.")
    versions: list[VersionShape] = []
    why: dict[str, Any] | None = Field(None, description="Near captions, fields, and parts of the query.")


class AnswerShape(BaseModel):
    """Answers to a question, best first."""

    query: str | None = None
    hits: list[HitShape]
    remarks: list[str]


class TrackShape(BaseModel):
    """A track."""

    track_id: str
    title: str
    artist: str
    album: str
    seconds: float | None
    path: str | None = Field(None, description="The file; for owners alone.")
    metadata: dict[str, Any] = {}


class TracksShape(BaseModel):
    """Some tracks."""

    tracks: list[TrackShape]


class FieldShape(BaseModel):
    """A field that filters may ask for."""

    name: str
    type: str
    examples: list[Any]


class StatusShape(BaseModel):
    """How it stands with the library and the server."""

    version: str
    tracks: int
    heard: int = Field(description="Tracks that an encoder has heard, or failed to.")
    trained: bool = Field(description="Whether a training answers.")
    answers_by: str
    next: str
    remarks: list[str]
    jobs: list[dict[str, Any]]
    role: Literal["owner", "guest"]
    fields: list[FieldShape]

"""What may be sent, and what comes back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from antiphon.search.server.settings import MOST_K, MOST_QUERY
from antiphon.texts import as_utf8

LONGEST = 8000
"""Characters of any text in a body whose field has no bound of its own."""


FilePath = Annotated[str | None, AfterValidator(lambda path: path and as_utf8(path))]


class StrictBody(BaseModel):
    """A body whose unknown fields are refused, so that a misspelt one is not ignored in silence.

    Every text in it has a bound: pydantic also refuses half a pair of surrogates only where it measures a text, and an
    answer that repeats one cannot be sent.
    """

    model_config = ConfigDict(extra="forbid", str_max_length=LONGEST)


class SearchRequest(StrictBody):
    """A question in words."""

    query: str = Field(
        "",
        description="What the music is like: `slow sad piano`, `piano:2 rain`, `piano, no drums`.",
        max_length=MOST_QUERY,
    )
    k: int = Field(20, ge=1, le=MOST_K, description="How many answers.")
    where: str | None = Field(
        None, max_length=2000, description='A filter that answers must pass: `year >= 1970 and genre = "jazz"`.'
    )
    versions: bool = Field(False, description="Whether every version of a song is an answer of its own.")
    per_artist: int | None = Field(None, ge=1, description="At most so many answers of one artist.")
    per_album: int | None = Field(None, ge=1, description="At most so many answers of one album.")
    exclude: list[str] = Field(
        default_factory=list, max_length=10_000, description="Ids of tracks that are no answers."
    )
    like: list[str] = Field(
        default_factory=list, max_length=100, description="Ids of tracks that answers are to be like."
    )
    explain: bool = Field(False, description="Whether each answer says why it is one.")


class VersionShape(BaseModel):
    """Another version of an answer's song, or another file of its recording."""

    track_id: str
    title: str
    path: FilePath = Field(None, description="Its file; for owners alone.")


class HitShape(BaseModel):
    """One answer."""

    rank: int = Field(description="From 1.")
    track_id: str
    score: float = Field(description="What is ranked by: of a training a cosine, −1 … 1.")
    title: str
    artist: str
    album: str = ""
    seconds: float | None = Field(None, description="Length; null where it is not known.")
    path: FilePath = Field(None, description="The file; for owners alone.")
    by: str = Field(description="What found it.")
    best_at: float | None = Field(None, description="Where in the track the words fit best, seconds.")
    better_than: float | None = Field(None, description="Percent of tracks that score less for others' captions.")
    versions: list[VersionShape] = []
    place: tuple[float, float] | None = Field(None, description="On the map, −1 … 1; null where it has none yet.")
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
    path: FilePath = Field(None, description="The file; for owners alone.")
    metadata: dict[str, Any] = {}
    place: tuple[float, float] | None = Field(None, description="On the map, −1 … 1; null where it has none yet.")


class TracksShape(BaseModel):
    """Some tracks."""

    tracks: list[TrackShape]


class FieldShape(BaseModel):
    """A field that filters may ask for."""

    name: str
    type: str
    examples: list[Any]


class JobShape(BaseModel):
    """Work on the library."""

    id: int
    kind: Literal["prepare", "embed", "train", "index"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    step: Literal["", "ingest", "watch", "embed", "read", "caption", "train", "index"] = Field(
        description="The command at work (read: embed reads captions); empty before the first."
    )
    done: int = Field(description="Of the work at hand; 0 of 0 where that is not known.")
    total: int
    eta_seconds: float | None = Field(description="How long the work at hand still takes; null where that is unknown.")
    message: str = Field(description="What it is at; of one that failed why.")
    fix: str | None = Field(description="Of one that failed, what to do.")


class JobsShape(BaseModel):
    """Jobs in the order in which they were asked for."""

    jobs: list[JobShape]


class StatusShape(BaseModel):
    """How it stands with the library and the server."""

    version: str
    tracks: int
    heard: int = Field(description="Tracks that an encoder has heard, or failed to.")
    failed: int = Field(description="Of these the tracks whose files no encoder could hear.")
    trained: bool = Field(description="Whether a training answers.")
    answers_by: str
    next: str
    training: str = Field(description="What `train` trains again: what answers; empty for none, and for guests.")
    unlearned: str = Field(description="What came since that training, a sentence; for owners alone.")
    remarks: list[str]
    jobs: list[JobShape]
    role: Literal["owner", "guest"]
    fields: list[FieldShape]


class WordsShape(BaseModel):
    """A caption that describes a track."""

    rank: int
    score: float | None = Field(description="Cosine in the shared space, −1 … 1; null before any training.")
    text: str
    own: bool = Field(description="Whether it is one of the track's own captions.")


class WordsListShape(BaseModel):
    """Captions for a track, the nearest first."""

    words: list[WordsShape]


class PathRequest(StrictBody):
    """From which track to which."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    start: str = Field(alias="from", description="Id of the first track.")
    end: str = Field(alias="to", description="Id of the last track.")
    k: int = Field(25, ge=2, le=MOST_K, description="How many tracks, both included.")


class RegionShape(BaseModel):
    """A word where it is most at home on the map."""

    x: float = Field(description="−1 … 1.")
    y: float = Field(description="−1 … 1.")
    name: str
    tracks: int = Field(description="Of the map that have the word.")


class MapShape(BaseModel):
    """Each heard track as a point, −1 … 1, near those that sound like it; the first four lists are of one length."""

    points: list[tuple[float, float]]
    track_ids: list[str]
    titles: list[str]
    artists: list[str]
    regions: list[RegionShape] = Field(description="What its regions are called, the most telling first.")


class PlaylistRequest(StrictBody):
    """Tracks to keep."""

    name: str = Field(min_length=1, max_length=200)
    track_ids: list[str] = Field(min_length=1, max_length=5000)


class PlaylistShape(BaseModel):
    """A playlist of the library."""

    name: str
    tracks: int
    is_kept_question: bool = Field(description="Whether it answers a question that is kept, and is written anew.")


class PlaylistsShape(BaseModel):
    """Playlists, by name."""

    playlists: list[PlaylistShape]
    player: str | None = Field(description="The Subsonic server on which they are made, too; null for none.")


class RenameRequest(StrictBody):
    """Another name for a playlist."""

    name: str = Field(min_length=1, max_length=200)


class RenamedShape(BaseModel):
    """What came of renaming a playlist."""

    name: str
    remarks: list[str]


class DeletedShape(BaseModel):
    """What came of deleting a playlist."""

    done: bool = True
    remarks: list[str]


class PlaylistTracksShape(BaseModel):
    """The tracks of a playlist, in its order."""

    name: str
    tracks: list[TrackShape]
    remarks: list[str]


class SavedShape(BaseModel):
    """What came of keeping a playlist."""

    name: str
    tracks: int
    remarks: list[str]


class JudgementRequest(StrictBody):
    """What somebody says of a text and a track."""

    query: str = Field(min_length=1, max_length=MOST_QUERY)
    track_id: str
    verdict: Literal["same", "different", "unsure"] = Field(
        description="Whether the text describes the track; the last verdict on a pair counts."
    )


class JudgementShape(BaseModel):
    """The last that was said of a text and a track."""

    query: str = Field(description="The text as it was asked; upper case and spaces make no difference.")
    track_id: str
    verdict: Literal["same", "different", "unsure"] = Field(description="unsure: taken back, or neither.")
    grade: int | None = Field(description="0 (does not fit) … 3 (written for it, as it were); null where not asked.")
    time: str = Field(description="ISO 8601; empty where it is not known.")


class JudgementsShape(BaseModel):
    """What was said of tracks for one text."""

    judgements: list[JudgementShape]
    remarks: list[str]


class JudgedShape(BaseModel):
    """It is kept."""

    done: bool = True
    remarks: list[str] = Field(description="What trainings make of it, a sentence; none where it is taken back.")

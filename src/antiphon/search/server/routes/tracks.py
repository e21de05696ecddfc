"""Tracks: found by a description or by name, one by its id, those like it, its sound.

An id is one segment of the address: whatever has a slash in it is percent-encoded, ``a%2Fb.flac``.
"""

from __future__ import annotations

from math import isnan
from typing import Annotated

from fastapi import APIRouter, Path, Query

from antiphon.search.server.files.opening import open_sound
from antiphon.search.server.files.sending import SoundResponse
from antiphon.search.server.routes.answers import answer_shape, filter_for, track_shape
from antiphon.search.server.routes.asking import Caller, TheLibrary, TheSettings, require_within
from antiphon.search.server.routes.shapes import (
    AnswerShape,
    SearchRequest,
    TrackShape,
    TracksShape,
    WordsListShape,
    WordsShape,
)
from antiphon.search.server.segments import SegmentRoute
from antiphon.search.server.settings import MOST_K, MOST_QUERY

router = APIRouter(prefix="/v1", tags=["tracks"], route_class=SegmentRoute)
TrackId = Annotated[str, Path(description="A track's id, percent-encoded as one segment.")]
Where = Annotated[str | None, Query(max_length=2000, description="A filter that answers must pass.")]


@router.post("/search")
def search(asked: SearchRequest, served: TheLibrary, settings: TheSettings, role: Caller) -> AnswerShape:
    """The tracks that answer a description best."""
    require_within(settings, k=asked.k, words=asked.query)
    filter_for(asked.where, role)
    return answer_shape(served.search(**asked.model_dump()), role, asked.query)


@router.get("/tracks")
def find(
    served: TheLibrary,
    settings: TheSettings,
    role: Caller,
    find: Annotated[str, Query(max_length=500, description="Words of artist and title; none for all tracks.")] = "",
    start: Annotated[int, Query(ge=0, le=10**9)] = 0,
    count: Annotated[int, Query(ge=1, le=MOST_K)] = 20,
) -> TracksShape:
    """Tracks whose artist and title hold all words."""
    require_within(settings, k=count, words=find)
    return TracksShape(tracks=[track_shape(card, role) for card in served.find(find, start=start, count=count)])


@router.get("/tracks/{track_id:anytext}/similar")
def similar(
    track_id: TrackId,
    served: TheLibrary,
    settings: TheSettings,
    role: Caller,
    k: Annotated[int, Query(ge=1, le=MOST_K)] = 20,
    where: Where = None,
    words: Annotated[str | None, Query(max_length=MOST_QUERY, description="What they are to be like besides.")] = None,
    without: Annotated[
        list[str] | None, Query(max_length=100, description="Ids of tracks that they are not to be like.")
    ] = None,
) -> AnswerShape:
    """The tracks most like one."""
    require_within(settings, k=k, words=words)
    where = filter_for(where, role)
    return answer_shape(served.similar([track_id], k=k, where=where, words=words, without=without or ()), role)


@router.get("/tracks/{track_id:anytext}/words")
def words(
    track_id: TrackId, served: TheLibrary, settings: TheSettings, k: Annotated[int, Query(ge=1, le=MOST_K)] = 10
) -> WordsListShape:
    """The captions that describe a track best; before any training its own."""
    require_within(settings, k=k)
    found = served.words_for(track_id, k=k)
    shapes = [WordsShape(**{**each.to_dict(), "score": None if isnan(each.score) else each.score}) for each in found]
    return WordsListShape(words=shapes)


@router.head("/tracks/{track_id:anytext}/audio", include_in_schema=False)
@router.get("/tracks/{track_id:anytext}/audio", response_class=SoundResponse, status_code=200)
def audio(track_id: TrackId, served: TheLibrary) -> SoundResponse:
    """Its sound: the file, or the part of it that a ``Range`` header asks for."""
    return SoundResponse(open_sound(served.audio(track_id), served.music))


@router.get("/tracks/{track_id:anytext}")
def track(track_id: TrackId, served: TheLibrary, role: Caller) -> TrackShape:
    """One track and all that is known of it."""
    return track_shape(served.track(track_id), role)

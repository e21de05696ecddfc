"""Lists of tracks: a path between two, the map, playlists; and what is said of an answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, JSONResponse

from antiphon.search.server.files.names import disposition
from antiphon.search.server.routes.answers import answer_shape, track_shape
from antiphon.search.server.routes.asking import Caller, OwnerOnly, TheLibrary, TheSettings, require_within
from antiphon.search.server.routes.shapes import (
    AnswerShape,
    DeletedShape,
    JudgedShape,
    JudgementRequest,
    JudgementShape,
    JudgementsShape,
    MapShape,
    PathRequest,
    PlaylistRequest,
    PlaylistShape,
    PlaylistsShape,
    PlaylistTracksShape,
    RenamedShape,
    RenameRequest,
    SavedShape,
)
from antiphon.search.server.settings import MOST_QUERY

router = APIRouter(prefix="/v1", tags=["lists"])
M3U = "audio/x-mpegurl; charset=utf-8"


@router.post("/path")
def path(asked: PathRequest, served: TheLibrary, settings: TheSettings, role: Caller) -> AnswerShape:
    """Tracks from one to another, each much like those beside it."""
    require_within(settings, k=asked.k)
    return answer_shape(served.path(asked.start, asked.end, k=asked.k), role)


@router.get("/map", response_model=MapShape)
def whole_map(served: TheLibrary) -> JSONResponse:
    """The library as a map."""
    found = served.map()
    points = found.points.astype(float).round(4).tolist()
    named = {"track_ids": found.track_ids, "titles": found.titles, "artists": found.artists}
    return JSONResponse({"points": points, **named, "regions": [asdict(each) for each in served.regions()]})


@router.get("/playlists")
def playlists(served: TheLibrary, _owner: OwnerOnly) -> PlaylistsShape:
    """The library's playlists."""
    return PlaylistsShape(
        playlists=[PlaylistShape(**asdict(each)) for each in served.playlists()], player=served.player
    )


@router.post("/playlists", status_code=201)
def save_playlist(asked: PlaylistRequest, served: TheLibrary, _owner: OwnerOnly) -> SavedShape:
    """Keep tracks as a playlist, in place of an older one of this name."""
    remarks = served.save_playlist(asked.name, asked.track_ids)
    return SavedShape(name=asked.name, tracks=len(asked.track_ids), remarks=remarks)


@router.get("/playlists/{name}.m3u8", response_class=FileResponse)
def playlist(
    name: Annotated[str, Path(description="A playlist's name.")], served: TheLibrary, _owner: OwnerOnly
) -> FileResponse:
    """A playlist as a file that players open; it names the library's files."""
    kept = {"content-disposition": disposition(name, ".m3u8")}
    return FileResponse(served.playlist(name), media_type=M3U, headers=kept)


@router.get("/playlists/{name}")
def playlist_tracks(
    name: Annotated[str, Path(description="A playlist's name.")], served: TheLibrary, owner: OwnerOnly
) -> PlaylistTracksShape:
    """The tracks of a playlist."""
    cards, remarks = served.playlist_tracks(name)
    return PlaylistTracksShape(name=name, tracks=[track_shape(card, owner) for card in cards], remarks=remarks)


@router.patch("/playlists/{name}")
def rename_playlist(
    name: Annotated[str, Path(description="A playlist's name.")],
    asked: RenameRequest,
    served: TheLibrary,
    _owner: OwnerOnly,
) -> RenamedShape:
    """Give a playlist another name, on the player's server, too."""
    return RenamedShape(name=asked.name, remarks=served.rename_playlist(name, asked.name))


@router.delete("/playlists/{name}")
def delete_playlist(
    name: Annotated[str, Path(description="A playlist's name.")], served: TheLibrary, _owner: OwnerOnly
) -> DeletedShape:
    """Delete a playlist, on the player's server, too; a kept question that writes it is forgotten."""
    return DeletedShape(remarks=served.delete_playlist(name))


@router.get("/judgements")
def judgements(
    query: Annotated[
        str, Query(min_length=1, max_length=MOST_QUERY, description="The text that answers were judged for.")
    ],
    served: TheLibrary,
    _owner: OwnerOnly,
) -> JudgementsShape:
    """What was said of tracks for a text: the last verdict on each."""
    found, remarks = served.judgements(query)
    shapes = [
        JudgementShape(query=one.query, track_id=one.track_id, verdict=one.verdict, grade=one.grade, time=one.time)
        for one in found
    ]
    return JudgementsShape(judgements=shapes, remarks=list(remarks))


@router.post("/judgements", status_code=201)
def judge(asked: JudgementRequest, served: TheLibrary, _owner: OwnerOnly) -> JudgedShape:
    """Say whether a text describes a track, and be told what trainings make of it."""
    return JudgedShape(remarks=served.judge(asked.query, asked.track_id, asked.verdict))

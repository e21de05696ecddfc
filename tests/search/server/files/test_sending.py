"""Sending sound: whole, in part, again, to somebody who goes; and through the route that players ask."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from antiphon.search.server.files import sending
from antiphon.search.server.files.opening import Sound, open_sound
from antiphon.search.server.files.sending import SoundResponse
from antiphon.search.server.guard.asgi import Message
from antiphon.search.server.guard.limits.patience import ABORT
from antiphon.search.server.settings import ServerSettings
from tests.helpers.web.asgi import Answer, ask, request
from tests.helpers.web.server import ELSEWHERE, asking, songs

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a.ogg").write_bytes(CONTENT)
    return tmp_path / "a.ogg"


def got(path: Path, method: str = "GET", **headers: str) -> Answer:
    """What comes back where the client stays until all has come."""

    async def run() -> Answer:
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = request(method, headers={name.replace("_", "-"): text for name, text in headers.items()})
        await SoundResponse(open_sound(path))(scope, receive, send)
        found = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
        body = b"".join(message.get("body", b"") for message in sent)
        assert [message.get("more_body", False) for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
        return Answer(sent[0]["status"], found, body, scope)

    return asyncio.run(run())


def test_the_whole_file_comes_in_pieces_with_what_players_want_to_know(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PIECE", 100)
    whole = got(path)
    assert (whole.status, whole.body) == (200, CONTENT)
    assert (whole.headers["content-length"], whole.headers["accept-ranges"]) == ("1024", "bytes")
    assert (whole.headers["content-type"], whole.headers["content-disposition"]) == ("audio/ogg", "inline")
    head = got(path, "HEAD", range="bytes=0-1")
    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=0-0", 0, 0), ("bytes=250-260", 250, 260), ("bytes=-5", 1019, 1023)]
)
def test_a_part_comes_with_its_place(path: Path, asked: str, first: int, last: int) -> None:
    part = got(path, range=asked)
    assert (part.status, part.body) == (206, CONTENT[first : last + 1])
    assert part.headers["content-range"] == f"bytes {first}-{last}/1024"
    assert part.headers["content-length"] == str(last + 1 - first)


def test_a_part_that_is_not_there_is_416_and_several_are_the_whole(path: Path) -> None:
    missing = got(path, range="bytes=1024-")
    assert (missing.status, missing.body, missing.headers["content-range"]) == (416, b"", "bytes */1024")
    assert missing.headers["content-length"] == "0"
    assert got(path, range="bytes=0-1," * 1000 + "5-6").body == CONTENT
    path.write_bytes(b"")
    assert [got(path).status, got(path, range="bytes=0-").status] == [200, 416]


def test_what_is_known_is_not_sent_again_and_a_changed_file_is_sent_whole(path: Path) -> None:
    before = got(path).headers
    assert (got(path, if_none_match=before["etag"]).status, got(path, if_none_match='"x"').status) == (304, 200)
    assert got(path, range="bytes=0-1", if_range=before["etag"]).status == 206
    assert got(path, range="bytes=0-1", if_range=before["last-modified"]).status == 206
    path.write_bytes(CONTENT[::-1] + b"!")
    assert got(path, range="bytes=0-1", if_range=before["etag"]).body == CONTENT[::-1] + b"!"


def test_nothing_is_read_for_somebody_who_has_gone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PIECE", 1)
    sound = open_sound(path)
    body = ask(SoundResponse(sound), request()).body  # this client has nothing more to say and goes at once
    assert len(body) < 5
    assert sound.stream.closed


def test_a_file_that_becomes_shorter_ends_its_connection(path: Path) -> None:
    ended: list[bool] = []
    stream = open_sound(path).stream
    longer = Sound(stream=stream, size=5000, changed=0.0, tag="x", kind="audio/ogg")

    async def run() -> int:
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.sleep(60)
            return {}

        async def send(message: Message) -> None:
            sent.append(message)

        await SoundResponse(longer)(request(state={ABORT: lambda: ended.append(True)}), receive, send)
        return sum(len(message.get("body", b"")) for message in sent)

    assert (asyncio.run(run()), ended) == (1024, [True])


def test_players_get_it_from_the_route_and_a_file_that_went_is_404(tmp_path: Path) -> None:
    library = songs(tmp_path)
    with asking(library) as owner:
        url = "/v1/tracks/a%2Fone.wav/audio"
        part = owner.get(url, headers={"range": "bytes=0-3"})
        assert (part.status_code, part.content, part.headers["content-type"]) == (206, b"RIFF", "audio/wav")
        assert owner.head(url).headers["content-length"] == part.headers["content-range"].partition("/")[2]
        (tmp_path / "music" / "a" / "one.wav").unlink()
        gone = owner.get(url)
        assert (gone.status_code, "not there any more" in gone.json()["error"]["message"]) == (404, True)
        assert str(tmp_path) not in gone.text
    with asking(library, ServerSettings(host="0.0.0.0", guests=True, guests_hear=False), ELSEWHERE) as guest:
        assert guest.get("/v1/tracks/a%2Ftwo.wav/audio").status_code == 403

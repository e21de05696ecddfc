"""The review's page over plain HTTP: what it answers, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from antiphon.evaluate.review.page.server import ReviewServer
from antiphon.library.judgements.file import read_judgements
from tests.helpers.evaluated.reviewed import SOUND, STRANGE, serving


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ReviewServer]:
    with serving(tmp_path, graded=getattr(request, "param", False)) as found:
        yield found


def ask(server: ReviewServer, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
    """Status, headers and content of an answer; ``path`` is behind the secret unless it starts with a slash."""
    connection = HTTPConnection("127.0.0.1", server.guard.port, timeout=10)
    inside = path if path.startswith("/") else f"/{server.guard.token}/{path}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, inside, body=body, headers=named)
    answer: HTTPResponse = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


def send(server: ReviewServer, data: Any, **headers: str) -> tuple[int, bytes]:
    """A verdict as the page sends it; ``headers`` replace its own."""
    own = {"Origin": f"http://127.0.0.1:{server.guard.port}", "Content_Type": "application/json", **headers}
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    status, _, content = ask(server, "verdict", method="POST", body=body, **own)
    return status, content


def stored(server: ReviewServer) -> list[str]:
    return [each.verdict for each in read_judgements(server.queue.library.root).lines]


def test_the_page_loads_nothing_from_elsewhere_and_says_so(server: ReviewServer) -> None:
    status, headers, content = ask(server, "")
    page = content.decode()
    assert status == 200
    assert "//" not in page.replace("<!doctype", "").replace("http://www.w3.org", "").split("<script", 1)[0]
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'nonce-")
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert page.count(f'nonce="{nonce}"') == 2
    assert nonce not in ask(server, "")[2].decode()
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")


def test_nothing_of_the_library_stands_in_the_page_and_its_texts_come_as_data(server: ReviewServer) -> None:
    assert STRANGE.encode() not in ask(server, "")[2]
    _, headers, content = ask(server, "pairs")
    assert headers["Content-Type"] == "application/json"
    pairs = json.loads(content)["pairs"]
    assert [pair["query"] for pair in pairs] == ["quiet piano", STRANGE, "calm piano"]
    assert [pair["found"]["sound"] for pair in pairs] == ["sound/0/found", "sound/1/found#t=1,2", None]
    assert [pair["verdict"] for pair in pairs] == [None, None, None]


def test_texts_never_become_html() -> None:
    script = (Path(__file__).parents[4] / "src/antiphon/evaluate/review/page/page.js").read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in script


def test_a_verdict_is_stored_and_stays_when_the_page_is_loaded_again(server: ReviewServer) -> None:
    assert send(server, {"place": 1, "verdict": "same"}) == (200, b'{"stored": "same"}')
    (only,) = read_judgements(server.queue.library.root).lines
    assert (only.query, only.track_id, only.by) == (STRANGE, "b", "ada")
    pairs = json.loads(ask(server, "pairs")[2])["pairs"]
    assert [pair["verdict"] for pair in pairs] == [None, "same", None]


@pytest.mark.parametrize("server", [True], indirect=True)
def test_grades_are_asked_for_and_taken(server: ReviewServer) -> None:
    assert [each["grade"] for each in json.loads(ask(server, "pairs")[2])["grades"]] == [0, 1, 2, 3]
    assert send(server, {"place": 0, "grade": 3})[0] == 200
    assert stored(server) == ["same"]


def test_sound_is_served_whole_and_in_stretches(server: ReviewServer) -> None:
    status, headers, content = ask(server, "sound/0/found")
    assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (200, "audio/wav", "bytes")
    assert content == SOUND
    for asked, begin, end in (("bytes=10-19", 10, 20), ("bytes=2040-", 2040, 2048), ("bytes=-5", 2043, 2048)):
        status, headers, content = ask(server, "sound/0/found", Range=asked)
        assert status == 206
        assert content == SOUND[begin:end]
        assert headers["Content-Range"] == f"bytes {begin}-{end - 1}/2048"
    assert ask(server, "sound/0/found", Range="bytes=2048-")[0] == 416
    assert ask(server, "sound/0/found", Range="lines=1-2")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *("sound/2/found", "sound/3/found", "sound/-1/found", "sound/0/other.wav", "sound/0/found/../../other.wav"),
        *("../music/other.wav", "sound/..%2f..%2fother.wav", "%2e%2e/music/other.wav", "/etc/passwd", "/", "//", "/x/"),
        *("judgements.jsonl", "page.js", "sound/0/found%00.wav", "sound/99999999999999999999/found"),
    ],
)
def test_no_other_file_is_served(server: ReviewServer, path: str) -> None:
    status, _, content = ask(server, path)
    assert status == 404
    assert b"nobody is to hear this" not in content


def test_a_file_that_is_no_sound_is_not_served_whatever_the_library_says(
    server: ReviewServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    monkeypatch.setattr("antiphon.evaluate.review.shown.ShownTrack.file", secret)
    assert ask(server, "sound/0/found")[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "", "127.0.0.1:1"])
def test_a_name_that_only_points_here_is_refused(server: ReviewServer, host: str) -> None:
    for path in ("", "pairs", "sound/0/found"):
        assert ask(server, path, Host=host)[0] == 421
    assert send(server, {"place": 0, "verdict": "same"}, Host=host)[0] == 421
    assert stored(server) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "http://127.0.0.1"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_post_from_another_site_is_refused(server: ReviewServer, headers: dict[str, str], status: int) -> None:
    assert send(server, {"place": 0, "verdict": "same"}, **headers)[0] == status
    assert stored(server) == []


@pytest.mark.parametrize("token", ["", "x", "wrong-secret"])
def test_without_the_secret_there_is_nothing(server: ReviewServer, token: str) -> None:
    for path in ("", "pairs", "sound/0/found", "verdict"):
        assert ask(server, f"/{token}/{path}")[0] == 404
    own = {"Origin": f"http://127.0.0.1:{server.guard.port}", "Content_Type": "application/json"}
    body = b'{"place": 0, "verdict": "same"}'
    assert ask(server, f"/{token}/verdict", method="POST", body=body, **own)[0] == 404
    assert stored(server) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"[" * 4000, 400),
        ({"place": 0, "verdict": "maybe"}, 400),
        ({"place": 0, "verdict": ["same"]}, 400),
        ({"place": "0", "verdict": "same"}, 400),
        ({"place": True, "verdict": "same"}, 400),
        ({"place": 0, "grade": 3}, 400),
        ({"verdict": "same"}, 400),
        ({"place": 3, "verdict": "same"}, 404),
        ({"place": -1, "verdict": "same"}, 404),
        (b" " * 5000, 413),
    ],
)
def test_what_is_no_verdict_is_refused_and_stores_nothing(server: ReviewServer, body: Any, status: int) -> None:
    assert send(server, body)[0] == status
    assert stored(server) == []


def test_it_listens_on_this_machine_alone(server: ReviewServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert ask(server, "verdict")[0] == 404
    assert ask(server, "", method="PUT")[0] == 501

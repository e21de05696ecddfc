"""A server as a process: it says where it is, answers, and ends at SIGTERM with what it began ended too."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from antiphon.errors import ConfigError
from antiphon.search.server.app import make_app
from antiphon.search.server.served import Served
from antiphon.search.server.serving import address, listen, serve
from antiphon.search.server.settings import ServerSettings
from tests.helpers.processes.waiting import LONG_S
from tests.helpers.web.server import songs


@contextmanager
def served(*arguments: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "antiphon", "serve", *arguments, "--port", "0", "--log", "quiet"],
        stderr=subprocess.PIPE, text=True, cwd=cwd,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("Antiphon answers at http://127.0.0.1:"), line
        yield process, int(line.split(":")[2].partition("/")[0])
    finally:
        process.kill()
        process.wait()


def asked(port: int, path: str, body: object = None) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG_S)
    content = None if body is None else json.dumps(body)
    connection.request("GET" if body is None else "POST", path, content, {"Content-Type": "application/json"})
    found: dict[str, object] = json.loads(connection.getresponse().read())
    return found


def test_it_answers_and_ends_at_sigterm(tmp_path: Path) -> None:
    with served(str(songs(tmp_path)), cwd=tmp_path) as (process, port):
        assert asked(port, "/health") == {"status": "ok"}
        found = asked(port, "/v1/search", {"query": "calm piano", "k": 1})
        assert [hit["track_id"] for hit in found["hits"]] == ["b/three.wav"]  # type: ignore[attr-defined]
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_S) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_while_it_starts_ends_it_too(tmp_path: Path, number: int) -> None:
    settings = ServerSettings(port=0)
    program = make_app(Served(songs(tmp_path)), settings)
    told: list[str] = []

    def listening(address: str) -> None:
        told.append(address)
        signal.raise_signal(number)

    before = signal.getsignal(number)
    serve(program, settings, on_listening=listening)  # returns
    assert told[0].startswith("http://127.0.0.1:")
    assert signal.getsignal(number) is before


def test_a_folder_of_music_is_read_beside_answering_and_all_ends_at_ctrl_c(
    tmp_path: Path,
) -> None:
    music = songs(tmp_path).parent / "music"
    before = {path: path.stat().st_mtime_ns for path in music.rglob("*")}
    with served(str(music), "--library", "made", cwd=tmp_path) as (process, port):
        assert asked(port, "/v1/status")["role"] == "owner"
        job = asked(port, "/v1/jobs")["jobs"][0]  # type: ignore[index]
        assert job["kind"] == "prepare"
        process.send_signal(signal.SIGINT)
        assert process.wait(LONG_S) == 0
    assert {path: path.stat().st_mtime_ns for path in music.rglob("*")} == before
    running = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in running.splitlines() if "antiphon" in line and str(music) in line]


def test_a_port_that_is_in_use_is_said_with_another_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match="in use") as found:
            listen(ServerSettings(port=port))
    assert found.value.fix is not None
    assert f"--port {port + 1}" in found.value.fix


def test_an_address_that_is_not_this_machines_is_said() -> None:
    with pytest.raises(ConfigError, match=r"Nothing can listen at 192\.0\.2\.1"):
        listen(ServerSettings(host="192.0.2.1", port=0))


def test_the_address_is_one_that_a_browser_here_can_open() -> None:
    settings = ServerSettings(host="0.0.0.0", port=0, root_path="/music", tokens=("secret-secret-secret",))
    with listen(settings) as listener:
        assert address(listener, settings) == f"http://127.0.0.1:{listener.getsockname()[1]}/music/"


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("antiphon/", "--root-path /antiphon"),
        ("//music//search/", "--root-path /music/search"),
        ("https://nas.example.com/antiphon/", "--root-path /antiphon"),
        ("/my music?", "--root-path /my-music"),
        ("/../etc", "--root-path /etc"),
        ("/", "Leave --root-path out: the server is shown at the root then."),
        ("https://nas.example.com", "Leave --root-path out: the server is shown at the root then."),
    ],
)
def test_a_path_that_none_can_be_shown_under_is_answered_with_one_that_can(written: str, fix: str) -> None:
    with pytest.raises(ConfigError, match="is no path to be shown under") as found:
        ServerSettings(root_path=written)
    assert found.value.fix == fix
    if fix.startswith("--root-path "):
        assert ServerSettings(root_path=fix.removeprefix("--root-path ")).root_path

"""A server in this process, and the small libraries that it answers for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.testclient import TestClient

from antiphon.library.subsonic.client import Subsonic
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.search.server.app import make_app
from antiphon.search.server.served import Served
from antiphon.search.server.serving import address, listen
from antiphon.search.server.settings import ServerSettings
from tests.helpers.libraries.sounds import sweep, write

HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.0.2.7", 50_000)
"""Where requests come from: this machine, or another one."""
SONGS = (
    ("a/one.wav", "Night Bus", "Nina Reed", "City", "slow sad piano"),
    ("a/two.wav", "Day Bus", "Nina Reed", "City", "fast happy drums"),
    ("b/three.wav", "Rain", "Lo Tide", "Shore", "calm piano in the rain"),
    ("b/four.wav", "Rain (Live)", "Lo Tide", "Stage", "calm piano in the rain, with applause"),
    ("five", "<b>Loud</b>", "", "", "loud guitars"),
)
"""Id, title, artist, album and caption of each; the last has no sound."""


def songs(root: Path) -> Path:
    """A library of five songs that nothing was trained on; four have a file."""
    (root / "music").mkdir(parents=True)
    write(root / "music" / "tone.wav", sweep(2.0, 8_000, channels=1), 8_000)
    tone = root / "music" / "tone.wav"
    tracks = []
    for name, title, artist, album, _ in SONGS:
        path = root / "music" / name
        if name.endswith(".wav"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tone.read_bytes())
        tracks.append(
            Track(
                track_id=name, path=str(path) if name.endswith(".wav") else "", title=title, artist=artist, album=album,
                group=name, split="train",
            )
        )  # fmt: skip
    captions = [Caption(caption_id=f"{name}#0", track_id=name, text=text) for name, *_, text in SONGS]
    save_library(root / "lib", tracks, captions, {"audio_root": str(root / "music")})
    return root / "lib"


@contextmanager
def asking(
    root: Path,
    settings: ServerSettings | None = None,
    client: tuple[str, int] = HERE,
    *,
    player: Subsonic | None = None,
) -> Iterator[TestClient]:
    """A client of a server for one library; ``player`` gets its playlists."""
    app = make_app(Served(root, player=player), settings or ServerSettings())
    with TestClient(app, base_url="http://127.0.0.1:8337", client=client, raise_server_exceptions=False) as found:
        yield found


@contextmanager
def serving(root: Path, settings: ServerSettings | None = None) -> Iterator[str]:
    """The address of a server that really listens, in a thread of this process."""
    settings = settings or ServerSettings(port=0)
    listener = listen(settings)
    config = uvicorn.Config(make_app(Served(root), settings), log_level="warning", root_path=settings.root_path)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield address(listener, settings)
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listener.close()

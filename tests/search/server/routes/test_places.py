"""Where things are on the server's disk: names that are no UTF-8 are answered, and a full disk is told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from antiphon.library.tracks import Caption, Track, save_library
from antiphon.search.server import keeping
from antiphon.search.server.settings import ServerSettings
from tests.helpers.web.server import asking, songs


def test_music_in_a_folder_whose_name_is_no_utf_8_is_found_and_shown(tmp_path: Path) -> None:
    music = os.fsdecode(b"/music/caf\xe9")
    track = Track(track_id="a", path="a.flac", title="Rain", group="a", split="train")
    captions = [Caption(caption_id="a#0", track_id="a", text="calm rain")]
    save_library(tmp_path / "lib", [track], captions, {"audio_root": music})
    with asking(tmp_path / "lib") as client:
        (hit,) = client.post("/v1/search", json={"query": "rain"}).json()["hits"]
        assert hit["path"] == "/music/caf\\udce9/a.flac"
        assert client.get("/v1/tracks/a").json()["path"] == hit["path"]
        refused = client.get("/v1/tracks/a/audio")
        assert refused.status_code == 404, refused.text


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_what_cannot_be_kept_is_said_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code), str(tmp_path / "lib" / "judgements.jsonl"))

    monkeypatch.setattr(keeping, "append_judgements", full)
    with asking(songs(tmp_path)) as client:
        said = {"query": "calm", "track_id": "a/one.wav", "verdict": "same"}
        answer = client.post("/v1/judgements", json=said)
        assert answer.status_code == 507
        assert os.strerror(code) in answer.json()["error"]["message"]
        assert "Make room" in answer.json()["error"]["fix"]


def test_an_error_of_the_system_that_is_no_full_disk_is_a_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(keeping, "append_judgements", broken)
    with asking(songs(tmp_path), ServerSettings()) as client:
        said = {"query": "calm", "track_id": "a/one.wav", "verdict": "same"}
        assert client.post("/v1/judgements", json=said).status_code == 500

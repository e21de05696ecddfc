"""How playlists name their files: search and playlist say it in the same words, the player's folder first."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.errors import ManifestError
from tests.helpers.libraries.sounds import sweep, write


@pytest.mark.parametrize(("command", "option"), [("search", "--m3u"), ("playlist", "-o")])
def test_search_and_playlist_name_files_in_the_same_words(
    command: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wrong way round is told, for nothing is mapped then."""
    music, file, root = tmp_path / "music", tmp_path / "lists" / "a.m3u8", tmp_path / "lib"
    music.mkdir()
    file.parent.mkdir()
    for seconds, name in enumerate(("one", "two"), start=1):  # equal files would be one answer
        write(music / f"Ada - Slow piano {name}.wav", sweep(seconds, 8000), 8000)

    def typed(*words: str) -> list[str]:
        app([*words, "--library", str(root)], result_action="return_value")
        written = file.read_text().splitlines() if file.exists() else []
        return sorted(line for line in written if not line.startswith("#"))

    names = [f"Ada - Slow piano {name}.wav" for name in ("one", "two")]
    typed("ingest", str(music))
    here = [command, "slow piano", option, str(file)]
    assert typed(*here) == [str(music / name) for name in names]
    assert typed(*here, "--relative") == [f"../music/{name}" for name in names]
    assert typed(*here, "--path-map", f"/in/player={music}") == [f"/in/player/{name}" for name in names]
    assert "--path-map takes the player's folder first" not in capsys.readouterr().err
    assert typed(*here, "--path-map", f"{music}=/in/player") == [str(music / name) for name in names]
    assert f"No file of the playlist lies in /in/player (the first is {music}/" in capsys.readouterr().err
    with pytest.raises(ManifestError, match=r"/x is said to be in two places: /a and /b"):
        typed(*here, "--path-map", "/x=/a", "--path-map", "/x=/b")
    with pytest.raises(ManifestError, match="'/a' is no mapping of paths"):
        typed(*here, "--path-map", "/a")

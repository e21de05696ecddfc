"""Walking a folder of music."""

from __future__ import annotations

from pathlib import Path

from antiphon.library.manifest.paths.walk import walk


def test_links_that_lead_nowhere_or_to_themselves_are_broken_not_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    (tmp_path / "nowhere.wav").symlink_to("gone.wav")
    found = walk(tmp_path)
    assert found.files == [str(tmp_path / "a.wav")]
    assert sorted(found.broken) == [str(tmp_path / "loop.wav"), str(tmp_path / "nowhere.wav")]
    assert not found.unreadable

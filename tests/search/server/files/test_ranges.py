"""Parts of files: what players ask for, and what attackers do."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from antiphon.search.server.files.names import disposition, file_name
from antiphon.search.server.files.ranges import ByteRange, NoSuchPartError, known_already, part_of, still_the_same


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", ByteRange(0, 100)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=10-19", ByteRange(10, 20)),
        ("bytes=99-", ByteRange(99, 100)),
        ("bytes=90-1000", ByteRange(90, 100)),
        ("bytes=-10", ByteRange(90, 100)),
        ("bytes=-1000", ByteRange(0, 100)),
        (" Bytes = 1 - 2 ", ByteRange(1, 3)),
        ("bytes=0-999999999999999999", ByteRange(0, 100)),
    ],
)
def test_one_part_is_what_was_asked_for(header: str, part: ByteRange) -> None:
    assert part_of(header, 100) == part


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "items=0-1", "bytes=5-4", "bytes=0-1,5-6", "bytes=--1",
     "bytes=1-2-3",
     "bytes=0-" + "9" * 5000, "bytes=²-³", "bytes=٣-٤", "bytes=0x1-2", "bytes=0-1\x00"],
)  # fmt: skip
def test_what_means_nothing_and_several_parts_are_the_whole(header: str | None) -> None:
    assert part_of(header, 100) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=999999999999999999-", 100), ("bytes=-0", 100), ("bytes=0-", 0)]
)
def test_a_part_that_is_not_there_is_said_not_to_be(header: str, size: int) -> None:
    with pytest.raises(NoSuchPartError):
        part_of(header, size)


def test_thousands_of_parts_cost_nothing() -> None:
    header = "bytes=" + ",".join("0-" for _ in range(100_000))
    part_of(header, 1 << 40)
    started = time.thread_time()
    tracemalloc.start()
    for _ in range(100):
        assert part_of(header, 1 << 40) is None
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < len(header) // 10, "a header is looked at as a whole, and never cut into pieces"
    assert time.thread_time() - started < 1


def test_tags_are_compared_whole() -> None:
    assert still_the_same(None, "abc", 0)
    assert still_the_same('"abc"', "abc", 0)
    assert still_the_same("Thu, 01 Jan 1970 00:00:00 GMT", "abc", 0)
    assert not any(
        still_the_same(text, "abc", 0) for text in ('W/"abc"', "abc", '"ab"', "Thu, 01 Jan 1970 00:00:01 GMT", "")
    )
    assert [known_already(text, "abc") for text in ('"x", W/"abc"', "*", '"abcd"', None, '"abc",' * 1000)] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Calm piano", "Calm piano.m3u8"),
        ("../../etc/passwd", "etc passwd.m3u8"),
        ('a"; filename="b.exe', "a filename= b.exe.m3u8"),
        ("a\r\nSet-Cookie: x=y", "a Set-Cookie x=y.m3u8"),
        ("\u202egpj.exe", "gpj.exe.m3u8"),
        ("", "untitled.m3u8"),
        ("con", "untitled.m3u8"),
        ("...", "untitled.m3u8"),
        ("Regen ☂ \ud800", "Regen ☂.m3u8"),
    ],
)
def test_a_name_stays_one_name(name: str, kept: str) -> None:
    assert file_name(name, ".m3u8") == kept
    header = disposition(name, ".m3u8")
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2

"""Ways to damage a file: what disks, networks, other programs and attackers do to bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

WORDS = (
    b"\x00",
    b'"',
    b"'",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"caf\xe9",
    b"\x1b]52;c;aGk=\x07",
    b"[" * 20_000,
    b'{"a":' * 5_000,
    b"NaN",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    b"null",
    b"\\ud800",
    b"../../outside",
    b"/etc/passwd",
    b"=1+1",
    b"\n\n\n",
    b"\r",
    b",,,,",
    b"a" * 5_000,
)


def flip(rng: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Some bytes become others."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(rng: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """The end is missing."""
    return data[: rng.randrange(len(data) + 1)]


def lose(rng: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """A piece in the middle is missing."""
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 8, 100, 4096)) :]


def repeat(rng: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """A piece stands twice."""
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.choice((4, 64, 1024))]
    return data[:start] + piece + data[start:]


def zero(rng: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """A block was never written."""
    start, length = rng.randrange(len(data) + 1), rng.choice((8, 512, 4096))
    return data[:start] + b"\x00" * len(data[start : start + length]) + data[start + length :]


def insert(rng: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Something nasty stands in it."""
    start = rng.randrange(len(data) + 1)
    return data[:start] + rng.choice(WORDS) + data[start:]


def overwrite(rng: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Something nasty stands in place of what was there."""
    start, word = rng.randrange(len(data) + 1), rng.choice(WORDS)
    return data[:start] + word + data[start + len(word) :]


def splice(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """It goes on as another file does."""
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


ALL: tuple[Mutation, ...] = (flip, cut, lose, repeat, zero, insert, overwrite, splice)


def damaged(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """One to three mutations."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = rng.choice(ALL)(rng, data, others)
    return data

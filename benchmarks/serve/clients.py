"""Clients that ask as people and players do: one connection each, a mix of questions, time to think between them."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from benchmarks.cold_search import WORDS

MIX = {"search": 60, "filtered": 10, "similar": 10, "track": 10, "status": 5, "player": 5}
"""Kind of question → how many in a hundred."""


@dataclass
class Seen:
    """What the clients saw: seconds of each answer by kind, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in MIX})
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    body: bytes = b""

    def bytes(self, host: str) -> bytes:
        """As it goes over the wire."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {host}\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return f"{head}\r\n".encode() + self.body


def words(chance: random.Random) -> str:
    """Two to four words that nobody asked a moment ago, so that no answer is a remembered one."""
    kinds = chance.sample(list(WORDS), chance.randint(2, 4))
    return " ".join(chance.choice(WORDS[kind]) for kind in kinds) + f" {chance.randint(0, 10**6)}"


def question(kind: str, chance: random.Random, tracks: int) -> Asked:
    """One of a kind."""
    track = quote(f"t{chance.randrange(tracks):07}", safe="")
    made: dict[str, Callable[[], Asked]] = {
        "search": lambda: _search({"query": words(chance), "k": 20}),
        "filtered": lambda: _search(
            {"query": words(chance), "k": 20, "where": f'title contains "{chance.randint(0, 9)}"'}
        ),
        "similar": lambda: Asked("GET", f"/v1/tracks/{track}/similar?k=20"),
        "track": lambda: Asked("GET", f"/v1/tracks/{track}"),
        "status": lambda: Asked("GET", "/v1/status"),
        "player": lambda: Asked("GET", f"/api/similar_tracks?item_id={track}&n=20"),
    }
    return made[kind]()


def _search(body: dict[str, object]) -> Asked:
    return Asked("POST", "/v1/search", json.dumps(body).encode())


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and body of one answer that states its length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    lengths = [int(line.split(":")[1]) for line in head if line.lower().startswith("content-length:")]
    return int(head[0].split()[1]), await reader.readexactly(lengths[0] if lengths else 0)


async def client(number: int, host: str, port: int, tracks: int, until: float, think_s: float, seen: Seen) -> None:
    """Asks until the time is over; ``think_s`` is the mean of its pauses, 0 for none."""
    chance = random.Random(number)
    kinds, weights = list(MIX), list(MIX.values())
    reader, writer = await asyncio.open_connection(host, port)
    while time.monotonic() < until:
        if think_s:
            await asyncio.sleep(chance.expovariate(1 / think_s))
        kind = chance.choices(kinds, weights)[0]
        begun = time.monotonic()
        try:
            writer.write(question(kind, chance, tracks).bytes(f"{host}:{port}"))
            status, body = await answer(reader)
        except (OSError, asyncio.IncompleteReadError) as error:
            seen.failures.append(f"{kind}: {error!r}")
            reader, writer = await asyncio.open_connection(host, port)
            continue
        seen.seconds[kind].append(time.monotonic() - begun)
        if status != 200:
            seen.failures.append(f"{kind}: {status} {body[:200].decode(errors='replace')}")
    writer.close()


async def together(clients: int, host: str, port: int, tracks: int, seconds: float, think_s: float) -> Seen:
    """So many at once."""
    seen, until = Seen(), time.monotonic() + seconds
    await asyncio.gather(*(client(n, host, port, tracks, until, think_s, seen) for n in range(clients)))
    return seen

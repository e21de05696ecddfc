"""Connections of a real server: clients whose first lines drip are cut off, and others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import uvicorn

from antiphon.search.server.guard.asgi import Receive, Scope, Send
from antiphon.search.server.guard.connections import uvicorn_options
from antiphon.search.server.guard.limits.sizes import LARGEST_HEADERS
from tests.helpers.processes.waiting import until_so
from tests.helpers.web.asgi import fine

WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
END = b"\r\n0\r\n\r\n"
"""Of an answer in pieces."""


class Work:
    """An application that answers; one of its addresses when it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = 0, asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun += 1
        if scope["path"] == "/held":
            await self.let_go.wait()
        await fine(scope, receive, send)

    async def has_begun(self, requests: int) -> None:
        """Wait until it works on so many, or has done so."""
        await until_so(lambda: self.begun == requests, f"{requests} requests begun")


def against(attack: Callable[[int, Work], Awaitable[None]], *, head_seconds: float = 0.1, most: int = 4) -> None:
    """Run an attack, which is given the server's port and application, and end the server."""

    async def run() -> None:
        options, work = uvicorn_options(head_seconds=head_seconds, most=most), Work()
        server = uvicorn.Server(uvicorn.Config(work, port=0, log_level="critical", lifespan="off", **options))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup()
        try:
            port = server.servers[0].sockets[0].getsockname()[1]
            await asyncio.wait_for(attack(port, work), 60)
        finally:
            server.force_exit = True  # what a client still owes is not waited for
            await server.shutdown()

    asyncio.run(run())


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server ends the connection."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


def test_first_lines_that_drip_end_the_connection_however_often_a_byte_comes() -> None:
    async def attack(port: int, work: Work) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        end = asyncio.create_task(ended(reader))
        while not end.done():
            writer.write(b"x")
            await asyncio.sleep(0.01)
        assert end.result() == b""
        silent, _ = await asyncio.open_connection("127.0.0.1", port)
        assert await ended(silent) == b""  # nor may a connection say nothing at all

    against(attack)


def test_a_request_that_comes_in_two_pieces_and_the_next_on_its_connection_are_answered() -> None:
    async def attack(port: int, work: Work) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(WHOLE[:20])
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(WHOLE[20:])
            assert b"200 OK" in await reader.readuntil(END)
        writer.write(WHOLE[:20])  # of a third, the rest of which never comes
        assert await ended(reader) == b""

    against(attack, head_seconds=1)


def test_connections_that_only_wait_make_room_for_who_asks_the_oldest_first() -> None:
    async def attack(port: int, work: Work) -> None:
        waiting = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        for _, writer in waiting:
            writer.write(WHOLE[:20])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WHOLE)
        assert b"200 OK" in await reader.readuntil(END)
        assert await ended(waiting[0][0]) == b""
        waiting[1][1].write(WHOLE[20:])
        assert b"200 OK" in await waiting[1][0].readuntil(END)

    against(attack, head_seconds=60)


def test_bodies_that_do_not_come_make_room_for_who_asks_the_oldest_first() -> None:
    async def attack(port: int, work: Work) -> None:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for _, writer in held:
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            await writer.drain()
        silent, _ = await asyncio.open_connection("127.0.0.1", port)
        await work.has_begun(3)
        for gone in (held[0][0], held[1][0]):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx")
            assert b"200 OK" in await reader.readuntil(END)
            writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            assert await ended(gone) == b""
        held[2][1].write(b"123456789")
        assert b"200 OK" in await held[2][0].readuntil(END)
        assert not silent.at_eof(), "who has come last, and may be about to ask, is left"

    against(attack, head_seconds=60)


def test_where_all_are_being_answered_one_more_is_ended() -> None:
    async def attack(port: int, work: Work) -> None:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        for _, writer in held:
            writer.write(b"GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await writer.drain()
        await work.has_begun(4)
        more, _ = await asyncio.open_connection("127.0.0.1", port)
        assert await ended(more) == b""
        work.let_go.set()
        for reader, _ in held:
            assert b"200 OK" in await reader.readuntil(END)

    against(attack, head_seconds=60)


def test_first_lines_without_an_end_are_refused() -> None:
    async def attack(port: int, work: Work) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nX: " + b"x" * 3 * LARGEST_HEADERS)
        assert (await ended(reader)).startswith((b"HTTP/1.1 400", b""))

    against(attack, head_seconds=60)

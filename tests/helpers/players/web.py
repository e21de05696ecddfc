"""A player's web interface as a small server: it answers JSON out of what a function says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.helpers.web.listening import listening

Answer = tuple[int, Any]
Respond = Callable[[str, Mapping[str, str], Any, Mapping[str, str]], Answer]
"""(path, parameters of the address, JSON body or None, headers) → (status, what is sent as JSON)."""


class _Handler(BaseHTTPRequestHandler):
    respond: Respond

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: Any) -> None:
        url = urlsplit(self.path)
        given = {name: values[-1] for name, values in parse_qs(url.query).items()}
        status, sent = type(self).respond(url.path, given, body, dict(self.headers.items()))
        data = json.dumps(sent).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console."""


@contextmanager
def answering(respond: Respond) -> Iterator[str]:
    """The server's address while it answers."""
    handler = type("Handler", (_Handler,), {"respond": staticmethod(respond)})
    with listening(handler) as address:
        yield address

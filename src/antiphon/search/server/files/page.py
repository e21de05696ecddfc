"""The page and its files, under an address that says which version of them it is: a browser keeps them for a year.

On a slow network the page is there at once the second time, and the first time all that it is made of is asked for
together, in place of one file after another as each says which it needs.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

WEB = Path(__file__).parents[1] / "web"
"""As they are sent."""
KEPT_A_YEAR = "public, max-age=31536000, immutable"
ASKED_ANEW = "no-cache"
BEFORE_MODULES = '<script type="module"'
LEAST_COMPRESSED = 500
"""Bytes of a file that is worth compressing."""


class PageFiles(StaticFiles):
    """Sends the files; those under the present version's address to be kept, others to be asked for anew each time.

    Parameters
    ----------
    version : the first part of addresses whose content never changes.
    """

    def __init__(self, version: str) -> None:
        super().__init__(directory=WEB)
        self._version = version

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        """The answer to one request."""
        first, _, rest = path.partition("/")
        kept = first == self._version
        response = await super().get_response(rest if kept else path, scope)
        response.headers["cache-control"] = KEPT_A_YEAR if kept else ASKED_ANEW
        return response


def add_page(app: FastAPI) -> None:
    """The page at ``/`` and its files below ``/static``."""
    version = _version()
    page = _page(version)
    files = GZipMiddleware(PageFiles(version), minimum_size=LEAST_COMPRESSED)
    app.mount("/static", files, name="static")

    @app.get("/", include_in_schema=False, response_class=HTMLResponse)
    def whole() -> HTMLResponse:
        return HTMLResponse(page)


def _version() -> str:
    digest = sha256()
    for path in sorted(path for path in WEB.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(WEB)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _page(version: str) -> str:
    """``index.html`` with its files under the version's address, and every module named before it is asked for."""
    html = (WEB / "index.html").read_text(encoding="utf-8")
    modules = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*.js"))
    early = "\n  ".join(f'<link rel="modulepreload" href="static/{path}">' for path in modules if path not in html)
    return html.replace(BEFORE_MODULES, f"{early}\n  {BEFORE_MODULES}", 1).replace('"static/', f'"static/{version}/')

"""The page: one file of HTML with its style and script inside, and a policy that lets in nothing else."""

from __future__ import annotations

import secrets
from importlib.resources import files
from typing import NamedTuple

PACKAGE = "antiphon.evaluate.review.page"


class Document(NamedTuple):
    """A page, and the value of its header ``Content-Security-Policy``."""

    html: bytes
    policy: str


def document() -> Document:
    """The page as it is sent; nothing of the library stands in it."""
    nonce = secrets.token_urlsafe(16)
    html = _read("page.html").replace("NONCE", nonce)
    html = html.replace("/* STYLE */", _read("page.css")).replace("/* SCRIPT */", _read("page.js"))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            "img-src data:",
            "media-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
    return Document(html.encode(), policy)


def _read(name: str) -> str:
    return files(PACKAGE).joinpath(name).read_text(encoding="utf-8")

"""/docs: what the server can be asked, as a page of its own that loads nothing and runs nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid #8886}
code,pre{font:14px/1.4 ui-monospace,monospace}
pre{overflow:auto;background:#8881;padding:.75rem;border-radius:.4rem}
dt{margin-top:.5rem}dd{margin:0 0 0 1.5rem}
.method{font-weight:700}
"""

POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""This page has one style, and that in itself; no script runs."""


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> HTMLResponse:
    """The page."""
    return HTMLResponse("".join(_page(request.app.openapi())), headers={"content-security-policy": POLICY})


def _page(schema: Mapping[str, Any]) -> Iterator[str]:
    info = schema["info"]
    title = escape(f"{info['title']} {info['version']}")
    yield (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(info.get('summary', ''))} "
        'The same for programs: <a href="openapi.json">openapi.json</a>.</p>'
        "<p>Whoever asks from this machine is an owner where no token is set; else send "
        "<code>Authorization: Bearer TOKEN</code>.</p>"
    )
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield from _operation(method.upper(), path, operation, schema)
    yield "</body></html>"


def _operation(method: str, path: str, operation: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h2><span class="method">{method}</span> <code>{escape(path)}</code></h2>'
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    asked = [
        (each["name"], each["schema"], each.get("description", ""), each.get("required", False))
        for each in operation.get("parameters", ())
    ]
    yield from _fields("Parameters", asked)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is not None:
        yield from _fields("JSON", _of_shape(body, schema))
    for status, answer in operation["responses"].items():
        shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if status.startswith("2") and "$ref" in shape:
            yield from _fields(f"Answer {status}", _of_shape(shape, schema))


def _of_shape(shape: Mapping[str, Any], schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], str, bool]]:
    found = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    needed = found.get("required", ())
    return [
        (name, each, each.get("description", ""), name in needed) for name, each in found.get("properties", {}).items()
    ]


def _fields(heading: str, fields: list[tuple[str, Mapping[str, Any], str, bool]]) -> Iterator[str]:
    if not fields:
        return
    yield f"<p><b>{escape(heading)}</b></p><dl>"
    for name, shape, told, needed in fields:
        more = "" if needed or "default" not in shape else f" = {shape['default']!r}"
        yield f"<dt><code>{escape(name)}: {escape(_kind(shape) + more)}</code></dt><dd>{escape(told)}</dd>"
    yield "</dl>"


def _kind(shape: Mapping[str, Any]) -> str:
    """``string``, ``list of string``, ``integer or null``, ``HitShape``."""
    if "anyOf" in shape:
        return " or ".join(map(_kind, shape["anyOf"]))
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    if "enum" in shape:
        return " | ".join(map(repr, shape["enum"]))
    if shape.get("type") == "array":
        return f"list of {_kind(shape.get('items', {}))}"
    return str(shape.get("type", "anything"))

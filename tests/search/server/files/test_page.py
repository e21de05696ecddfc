"""The page's files are kept by browsers under an address that changes with them, and all are named at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from antiphon.search.server.files import page


def files_of(html: str) -> list[str]:
    return re.findall(r'(?:src|href)="(static/[^"]+)"', html)


def test_every_file_that_the_page_names_is_there_and_kept(client: TestClient) -> None:
    found = client.get("/")
    assert found.headers["cache-control"] == "no-store"
    named = files_of(found.text)
    assert len(named) == len(set(named)) > 40
    for address in named:
        got = client.get(f"/{address}")
        assert (got.status_code, got.headers["cache-control"]) == (200, page.KEPT_A_YEAR), address
        rest = address.split("/", 2)[2]
        assert got.content == (page.WEB / rest).read_bytes()
    every = {path.relative_to(page.WEB).as_posix() for path in page.WEB.rglob("*.js")}
    assert {address.split("/", 2)[2] for address in named if address.endswith(".js")} == every


def test_other_addresses_are_asked_for_anew_and_other_versions_are_not_there(client: TestClient) -> None:
    plain = client.get("/static/app/main.js")
    assert (plain.status_code, plain.headers["cache-control"]) == (200, page.ASKED_ANEW)
    assert client.get("/static/app/main.js", headers={"If-None-Match": plain.headers["etag"]}).status_code == 304
    version = files_of(client.get("/").text)[0].split("/")[1]
    for path in ("0123456789ab/app/main.js", f"{version}", f"{version}/", f"{version}/../../app.py", f"{version}/none"):
        assert client.get(f"/static/{path}").status_code == 404, path


def test_large_files_come_compressed(client: TestClient) -> None:
    got = client.get("/static/app/main.js", headers={"Accept-Encoding": "gzip"})
    assert (got.headers["content-encoding"], got.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert int(got.headers.get("content-length", 0)) < len(got.content) / 2
    assert "content-encoding" not in client.get("/static/app/main.js", headers={"Accept-Encoding": "identity"}).headers


def test_the_address_changes_with_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "WEB", tmp_path)
    seen = set()
    for name, content in (("a.js", "1"), ("a.js", "2"), ("b.css", "")):
        (tmp_path / name).write_text(content)
        seen.add(page._version())
    (tmp_path / "b.css").rename(tmp_path / "c.css")
    assert len(seen | {page._version()}) == 4

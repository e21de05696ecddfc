"""A model hub that keeps repositories in memory and speaks as much of the hub's HTTP as huggingface_hub asks for.

Uploads: a repository is created, files are announced (``preupload``), large ones are put at an address that the LFS
batch names, and a commit lists all. Downloads: what is in a repository, and each file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.helpers.web.listening import listening

SMALL = 100_000
"""Bytes up to which a file travels inside the commit."""


class Hub:
    """The hub's content.

    ``files`` is repository → name → content; ``stored`` what was put for a commit that is still to come; ``asked`` the
    requests that came.
    """

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.stored: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.address = ""

    def commit(self, repo: str, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            own = line["value"]
            if line["key"] == "file":
                self.files[repo][own["path"]] = base64.b64decode(own["content"])
            elif line["key"] == "lfsFile":
                self.files[repo][own["path"]] = self.stored[own["oid"]]


@contextmanager
def running_hub() -> Iterator[Hub]:
    """A hub on a free port of this machine."""
    hub = Hub()
    with listening(_handler(hub)) as hub.address:
        yield hub


def revision(files: dict[str, bytes]) -> str:
    """A commit's name: 40 hexadecimal digits."""
    return hashlib.sha1(b"".join(name.encode() + content for name, content in sorted(files.items()))).hexdigest()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            hub.asked.append(format % args)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole

        def _answer(self, content: bytes = b"", status: int = 200, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def _json(self, data: Any, status: int = 200, **headers: str) -> None:
            self._answer(json.dumps(data).encode(), status, Content_Type="application/json", **headers)

        def do_POST(self) -> None:
            body = self._body()
            if self.path == "/api/repos/create":
                wanted = json.loads(body)
                name = "/".join(filter(None, (wanted.get("organization"), wanted["name"])))
                hub.files.setdefault(name, {})
                return self._json({"url": f"{hub.address}/{name}"})
            if self.path == "/api/validate-yaml":
                return self._json({"errors": [], "warnings": []})
            if found := re.fullmatch(r"/api/models/(.+)/preupload/main", self.path.split("?")[0]):
                kinds = [
                    {
                        "path": each["path"],
                        "uploadMode": "regular" if each["size"] <= SMALL else "lfs",
                        "shouldIgnore": False,
                    }
                    for each in json.loads(body)["files"]
                ]
                return self._json({"files": kinds})
            if found := re.fullmatch(r"/(.+)\.git/info/lfs/objects/batch", self.path):
                objects = [
                    {
                        **{key: each[key] for key in ("oid", "size")},
                        "actions": {"upload": {"href": f"{hub.address}/put/{each['oid']}"}},
                    }
                    for each in json.loads(body)["objects"]
                ]
                return self._json({"transfer": "basic", "objects": objects})
            if found := re.fullmatch(r"/api/models/(.+)/commit/main", self.path.split("?")[0]):
                hub.commit(found[1], [json.loads(line) for line in body.splitlines()])
                oid = revision(hub.files[found[1]])
                url = f"{hub.address}/{found[1]}/commit/{oid}"
                return self._json({"success": True, "commitOid": oid, "commitUrl": url, "pullRequestUrl": None})
            return self._json({"error": f"unknown: {self.path}"}, 404)

        def do_PUT(self) -> None:
            hub.stored[self.path.removeprefix("/put/")] = self._body()
            self._answer()

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?", path):
                return self._about(found[1])
            if found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/[^/]+(?:/.*)?", path):
                own = hub.files.get(found[1], {})
                return self._json(
                    [{"type": "file", "path": n, "size": len(c), "oid": "0" * 40} for n, c in own.items()]
                )
            if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
                own = hub.files.get(found[1], {})
                if found[2] in own:
                    etag = hashlib.sha256(own[found[2]]).hexdigest()
                    return self._answer(own[found[2]], ETag=f'"{etag}"', X_Repo_Commit=revision(own))
            return self._json({"error": "not found"}, 404, X_Error_Code="EntryNotFound")

        def _about(self, repo: str) -> None:
            if repo not in hub.files:
                return self._json({"error": "Repository not found"}, 404, X_Error_Code="RepoNotFound")
            own = hub.files[repo]
            named = [{"rfilename": name} for name in own]
            return self._json({"id": repo, "modelId": repo, "sha": revision(own), "siblings": named, "private": False})

    return Handler

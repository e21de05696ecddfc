"""Ids in addresses: any text, and a last word of the address that belongs to the route, not to the id.

A server hands paths on decoded: the id ``live/audio`` and the sound of a track ``live`` are then one and the same path.
As they were sent they differ, ``live%2Faudio`` and ``live/audio``.
"""

from __future__ import annotations

from fastapi.routing import APIRoute
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.routing import Match
from starlette.types import Scope


class _AnyText(PathConvertor):
    """A path that may hold line breaks, as names of files may."""

    regex = r"[\s\S]*"


register_url_convertor("anytext", _AnyText())


class SegmentRoute(APIRoute):
    """A route that answers only where the word behind its id was sent as a segment of its own."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it answers a request, and what the request's scope says of it."""
        match, child = super().matches(scope)
        word = self.path.rpartition("}")[2].encode()
        sent = scope.get("raw_path")
        if match is not Match.NONE and sent is not None and not sent.endswith(word):
            return Match.NONE, {}
        return match, child

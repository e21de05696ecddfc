"""Ids in addresses: any text, and a last word of the address that belongs to the route, not to the id.

A server hands paths on decoded: the id ``live/audio`` and the sound of a track ``live`` are then one and the same path.
As they were sent they differ, ``live%2Faudio`` and ``live/audio``. Some proxies decode what they pass on; then what is
in the library decides: ``live/audio`` is the track of that id where there is no track ``live``.
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
    """A route that answers only where the word behind its id is a segment of its own, and no end of a track's id."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it answers a request, and what the request's scope says of it."""
        match, child = super().matches(scope)
        _, has_id, word = self.path.rpartition("}")
        if match is Match.NONE or not (has_id and word):
            return match, child
        sent = scope.get("raw_path")
        if sent is not None and not sent.endswith(word.encode()):
            return Match.NONE, {}
        served, track_id = scope["app"].state.served, str(child["path_params"]["track_id"])
        if not served.has(track_id) and served.has(track_id + word):
            return Match.NONE, {}
        return match, child

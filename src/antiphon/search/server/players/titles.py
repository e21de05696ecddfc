"""What a track is called where something has to stand."""

from __future__ import annotations

from pathlib import PurePosixPath

from antiphon.search.server.opened.cards import TrackCard


def title_of(card: TrackCard) -> str:
    """Its title, else the name of its file without folder and ending: no player shows a nameless song."""
    return card.title or PurePosixPath(card.track_id).stem or card.track_id

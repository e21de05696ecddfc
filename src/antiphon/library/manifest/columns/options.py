"""What a user says about a manifest beyond the manifest itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from antiphon.library.captions import CaptionKind
from antiphon.library.manifest.columns import NO_CHOICE, Choice
from antiphon.library.manifest.paths.mapping import PathMap
from antiphon.library.subsonic.account import Account


@dataclass(frozen=True, kw_only=True)
class ManifestOptions:
    """How to read a manifest.

    Parameters
    ----------
    choice : columns that the user names.
    only : conditions on rows, ``COLUMN`` (it says yes) or ``COLUMN=VALUE``; others are left out, and counted.
    split : the split that all tracks belong to, over what the table says; "" for none.
    audio_folders : further folders in which files are looked for by name or id.
    no_audio : read no paths: a library of captions, for imported vectors.
    path_maps : folders that the manifest's paths begin with, and where they are on this machine.
    account : who asks a Subsonic server.
    caption_kind : who wrote the captions of rows and columns that do not say it themselves.
    folder_tags : whether the names of folders are taken as captions; None: where they look like classes.
    """

    choice: Choice = NO_CHOICE
    only: tuple[str, ...] = ()
    split: str = ""
    audio_folders: tuple[Path, ...] = ()
    no_audio: bool = False
    path_maps: tuple[PathMap, ...] = ()
    account: Account | None = None
    folder_tags: bool | None = None
    caption_kind: CaptionKind = "human"


DEFAULTS = ManifestOptions()

__all__ = ["DEFAULTS", "NO_CHOICE", "Choice", "ManifestOptions", "PathMap"]

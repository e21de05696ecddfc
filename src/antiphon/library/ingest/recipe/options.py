"""How a library is made of a manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from antiphon.library.manifest.columns.options import DEFAULTS, ManifestOptions

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class IngestOptions:
    """How a library is made of a manifest.

    Parameters
    ----------
    seed : of the split; None: the library's, or 0 for a new one.
    strict : stop where any row has a problem, or a group stands in several splits, instead of listing it.
    keep_splits : leave every track in the split that the manifest names, and report leaks.
    paraphrase_joins : join groups whose captions are identical or paraphrase one another.
    tags : read the tags of sound files, for what the manifest leaves open.
    on_tags : told how many of how many files were read.
    manifest : how to read the manifest.
    """

    seed: int | None = None
    strict: bool = False
    keep_splits: bool = False
    paraphrase_joins: bool = True
    tags: bool = True
    on_tags: OnProgress | None = None
    manifest: ManifestOptions = field(default=DEFAULTS)

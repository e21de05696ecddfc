"""Antiphon: search a music library in words, and train that ability on your own data.

``open`` a library or ``ingest`` one, then use its methods; ``load`` a checkpoint anywhere. Names load when they are
first asked for: ``import antiphon`` itself takes milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from antiphon._version import __version__

if TYPE_CHECKING:
    from antiphon.align.checkpoint.model import Model
    from antiphon.align.config import TrainConfig
    from antiphon.align.ensemble.fusion_result import FuseResult
    from antiphon.align.train_result import TrainResult
    from antiphon.api.embedded import Embedded
    from antiphon.api.evaluation import Direction, Evaluation
    from antiphon.api.library import Library, ingest, open
    from antiphon.api.loading import load
    from antiphon.errors import AntiphonError, AntiphonWarning
    from antiphon.evaluate.compare.table import Comparison
    from antiphon.evaluate.doctor.diagnose import Diagnosis
    from antiphon.search.hits import Hit, Hits
    from antiphon.search.playlists.answer import Playlist

__all__ = [
    "AntiphonError",
    "AntiphonWarning",
    "Comparison",
    "Diagnosis",
    "Direction",
    "Embedded",
    "Evaluation",
    "FuseResult",
    "Hit",
    "Hits",
    "Library",
    "Model",
    "Playlist",
    "TrainConfig",
    "TrainResult",
    "__version__",
    "ingest",
    "load",
    "open",
]

_HOMES = {
    "AntiphonError": "errors",
    "AntiphonWarning": "errors",
    "Comparison": "evaluate.compare.table",
    "Diagnosis": "evaluate.doctor.diagnose",
    "Direction": "api.evaluation",
    "Embedded": "api.embedded",
    "Evaluation": "api.evaluation",
    "FuseResult": "align.ensemble.fusion_result",
    "Hit": "search.hits",
    "Hits": "search.hits",
    "Library": "api.library",
    "Model": "align.checkpoint.model",
    "Playlist": "search.playlists.answer",
    "TrainConfig": "align.config",
    "TrainResult": "align.train_result",
    "ingest": "api.library",
    "load": "api.loading",
    "open": "api.library",
}
"""Public name → the module below ``antiphon`` that it lives in."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

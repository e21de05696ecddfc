"""From a manifest to a library: check, group, split, write.

A library that exists keeps its splits, and what belongs together is replaced together.
"""

from antiphon.library.ingest.making import ingest
from antiphon.library.ingest.recipe.options import IngestOptions

__all__ = ["IngestOptions", "ingest"]

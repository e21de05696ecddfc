"""From a manifest to a library: check, group, split, write."""

from antiphon.library.ingest.making import IngestOptions, ingest

__all__ = ["IngestOptions", "ingest"]

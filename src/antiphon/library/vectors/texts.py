"""Text vectors know their text: a hash of it is their signature, and a vector whose caption was edited is *stale*."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.rows import UNSIGNED, Row, read_rows
from antiphon.library.vectors.store import VectorWriter

CHANGED = "its caption is another text now"


def text_signature(text: str) -> str:
    """The first 16 digits of a text's sha256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def set_aside_changed(library: Library, before: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Mark vectors of captions whose text is another now as stale, and those whose text is back as good.

    Parameters
    ----------
    library : with the captions of now.
    before : caption id → the text it had, for vectors of older versions of Antiphon that do not know their text.

    Returns
    -------
    encoder → ids of captions that have a vector of another text, those of earlier changes included.
    """
    columns = (library.caption_column(name).tolist() for name in ("caption_id", "text"))
    now = dict(zip(*columns, strict=True))
    signed = {caption: text_signature(text) for caption, text in now.items()}
    stale: dict[str, list[str]] = {}
    for name in library.embedded("text"):
        folder = library.embedding_folder("text", name)
        changed: dict[str, Row] = {}
        for row in read_rows(folder):
            if row.id not in signed or row.status == "failed":
                continue
            known = text_signature(before[row.id]) if row.signature == UNSIGNED and before and row.id in before else ""
            signature = known or row.signature
            good = signature in (signed[row.id], UNSIGNED)
            if not good:
                stale.setdefault(name, []).append(row.id)
            if good != (row.status == "ok"):
                status, error = ("ok", "") if good else ("stale", CHANGED)
                changed[row.id] = replace(row, status=status, error=error, signature=signature)
        if changed:
            with VectorWriter(folder, read_provenance(folder / "provenance.json")) as writer:
                writer.update(changed)
    return stale

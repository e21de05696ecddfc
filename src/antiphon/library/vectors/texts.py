"""Text vectors know their text: a hash of it is their signature, and a vector whose caption was edited is *stale*."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from antiphon.errors import EmbeddingError
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.rows import UNSIGNED, Row, read_rows
from antiphon.library.vectors.store import VectorWriter
from antiphon.printed import counted

SHOWN = 5
CHANGED = "its caption is another text now"


def text_signature(text: str) -> str:
    """The first 16 digits of a text's sha256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_of_text(signature: str, text: str) -> bool:
    """Whether a vector with this signature was made of ``text``; one that is not signed is believed."""
    return signature in ("", UNSIGNED) or signature == text_signature(text)


@dataclass(frozen=True, kw_only=True)
class ChangedTexts:
    """Captions whose text is another than their vectors were made of.

    Parameters
    ----------
    stale : encoder → ids of captions that have a vector of another text, those of earlier changes included.
    imported : those of the encoders whose vectors came from outside.
    rows : folder → id → what its table has to say from now on.
    """

    stale: dict[str, list[str]]
    imported: frozenset[str]
    rows: dict[Path, dict[str, Row]]

    def set_aside(self) -> None:
        """Mark vectors of another text as stale, and those whose text is back as good."""
        for folder, rows in self.rows.items():
            with VectorWriter(folder, read_provenance(folder / "provenance.json")) as writer:
                writer.update(rows)

    def lines(self) -> list[str]:
        """Text for the console, a line an encoder."""
        lines = []
        for name, ids in self.stale.items():
            more = f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else ""
            what = "import them again" if name in self.imported else f"antiphon embed --text {name}"
            lines.append(
                f"{name}: {counted(len(ids), 'caption')} with the vector of another text, missing until you "
                f"{'' if name in self.imported else 'run '}{what}: {', '.join(ids[:SHOWN])}{more}"
            )
        return lines


def changed_texts(
    root: Path, now: Callable[[], Mapping[str, str]], before: Callable[[], Mapping[str, str]]
) -> ChangedTexts:
    """Compare the captions of a library with what its text vectors were made of.

    Parameters
    ----------
    root : the library's folder.
    now, before : caption id → text, asked for where there are vectors; that of before is for vectors which do not
        know their text, imported by an older version of Antiphon.
    """
    now, before = cache(now), cache(before)
    stale: dict[str, list[str]] = {}
    imported: set[str] = set()
    rows: dict[Path, dict[str, Row]] = {}
    for path in sorted((root / "embeddings" / "text").glob("*/provenance.json")):
        folder = path.parent
        try:
            table, origin = read_rows(folder), read_provenance(path).origin
        except EmbeddingError:  # whoever asks for these vectors is told
            continue
        for row in table:
            if row.id not in now() or row.status == "failed":
                continue
            unsigned = row.signature == UNSIGNED and row.id in before()
            signature = text_signature(before()[row.id]) if unsigned else row.signature
            new = _judged(row, text_signature(now()[row.id]), signature)
            if new.status == "stale":
                stale.setdefault(folder.name, []).append(row.id)
            if new != row:
                rows.setdefault(folder, {})[row.id] = new
        if origin == "imported":
            imported.add(folder.name)
    return ChangedTexts(stale=stale, imported=frozenset(imported), rows=rows)


def _judged(row: Row, wanted: str, signature: str) -> Row:
    good = signature in (wanted, UNSIGNED, "")
    if good == (row.status == "ok"):
        return row if good else replace(row, signature=signature)
    status, error = ("ok", "") if good else ("stale", CHANGED)
    return replace(row, status=status, error=error, signature=signature)

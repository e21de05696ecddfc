"""What made a vector. Two vectors may meet only when their provenance is the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.files import read_json, write_json

FORMAT = 1
"""Of the vectors in a folder; files of before 26 November 2026 do not say it, and have the first."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Everything that decides the numbers in a vector.

    Parameters
    ----------
    encoder, kind : name and ``"audio"`` or ``"text"``.
    layout : how the vector is composed.
    weights_id : sha256 of the weights, ``"none"`` for a signal encoder, ``"unknown"`` for imported vectors.
    revision : the hub's commit, where there is one; part of the identity only where there is no hash of the weights.
    rate, window_s, hop_s, tail, pooling : how sound was cut and summarised (audio); ``pooling`` also of a text model
        whose files do not say it.
    prompt : what stood before every caption (text).
    query_prompt : what stands before a query that is compared with them, None for the same; carried along, no part of
        the identity (text).
    version : the encoder's own version of its code.
    origin : ``"computed"``, or ``"imported"`` for vectors that came from outside.
    licence : licence of the weights; carried along, no part of the identity.
    source : model id, path or imported file; carried along, no part of the identity.
    sources : of joined vectors, what made those of each encoder, in order; else empty.
    """

    encoder: str
    kind: str
    layout: Layout
    weights_id: str
    revision: str | None = None
    rate: int | None = None
    window_s: float | None = None
    hop_s: float | None = None
    tail: str | None = None
    pooling: str = "none"
    prompt: str = ""
    query_prompt: str | None = None
    version: str = "1"
    origin: str = "computed"
    licence: str = ""
    source: str = ""
    sources: tuple[Provenance, ...] = ()

    def identity(self) -> dict[str, Any]:
        """The fields that must agree for two vectors to be comparable."""
        data = self.to_dict()
        for carried in ("licence", "source", "query_prompt"):
            data.pop(carried, None)
        if _SHA256.fullmatch(self.weights_id):  # equal weights are equal wherever they came from
            data["revision"] = None
        if self.sources:
            data["parts"] = [source.identity() for source in self.sources]
        return data

    @property
    def fingerprint(self) -> str:
        """sha256 over :meth:`identity`, 64 hexadecimal digits."""
        text = json.dumps(self.identity(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and checkpoints; sources stand under ``parts``, their name when the format was made."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        data["layout"] = self.layout.to_dict()
        del data["sources"]
        if self.query_prompt is None:
            del data["query_prompt"]
        if self.sources:  # files written before vectors were joined stay what they are
            data["parts"] = [source.to_dict() for source in self.sources]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Provenance:
        """Inverse of :meth:`to_dict`; keys of later versions are ignored."""
        known = {f.name for f in fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        values["layout"] = Layout.from_dict(values["layout"])
        values["sources"] = tuple(cls.from_dict(source) for source in data.get("parts", ()))
        return cls(**values)

    @classmethod
    def joined(cls, made_by: Sequence[Provenance]) -> Provenance:
        """What made the vectors of several encoders side by side, in this order; joined ones count as their sources."""
        flat = tuple(source for made in made_by for source in made.sources or (made,))
        return cls(
            encoder="+".join(source.encoder for source in flat),
            kind=flat[0].kind,
            layout=Layout.joined([source.layout for source in flat]),
            weights_id="of the parts",  # as stored: it is part of every joined fingerprint
            licence="; ".join(dict.fromkeys(source.licence for source in flat if source.licence)),
            sources=flat,
        )

    def require_same(self, other: Provenance, *, mine: str, theirs: str, fix: str | None = None) -> None:
        """Refuse to mix two origins.

        Raises
        ------
        EmbeddingError : they differ; the message lists each field with both values.
        """
        if [source.encoder for source in self.sources] == [source.encoder for source in other.sources]:
            for one, another in zip(self.sources, other.sources, strict=True):
                one.require_same(another, mine=f"{one.encoder} in {mine}", theirs=f"in {theirs}", fix=fix)
        left, right = (found.identity() for found in (self, other))
        for data in (left, right):
            data["sources"] = data.pop("parts", None)
        differing = [key for key in left if left[key] != right[key]]
        if differing:
            lines = "".join(f"\n  {key}: {left[key]} in {mine}, {right[key]} in {theirs}" for key in differing)
            raise EmbeddingError(f"{mine} and {theirs} were not made the same way.{lines}", fix=fix)


def made_again(made_by: Provenance) -> str:
    """The sentence that says how vectors that were damaged are had again."""
    if made_by.origin != "imported":
        return "Run the same antiphon embed command again."
    kind = "" if made_by.kind == "audio" else f" --kind {made_by.kind}"
    return f"Import them again: antiphon import-embeddings {made_by.encoder} FILE{kind}."


def read_provenance(path: Path) -> Provenance:
    """Read ``provenance.json``.

    Raises
    ------
    EmbeddingError : it is missing or damaged, or vectors of a later format stand beside it.
    """
    try:
        data = read_json(path)
        number = data.get("format", FORMAT)
        found = None if isinstance(number, int) and number > FORMAT else Provenance.from_dict(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EmbeddingError(
            f"{path} cannot be read: {error}",
            fix=f"Delete the folder {path.parent}, then embed or import its vectors again.",
        ) from error
    if found is None:
        raise EmbeddingError(
            f"{path} has format {number}; this version of Antiphon reads up to {FORMAT}.",
            fix="Use the version that wrote it, or a later one.",
        )
    return found


def write_provenance(path: Path, made_by: Provenance) -> None:
    """Write ``provenance.json``, with the format of the vectors beside it."""
    write_json(path, {"format": FORMAT, **made_by.to_dict()})

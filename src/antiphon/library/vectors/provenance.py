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

FORMAT = 1
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
    rate, window_s, hop_s, tail, pooling : how sound was cut and summarised (audio).
    prompt : what stood before every caption (text).
    version : the encoder's own version of its code.
    origin : ``"computed"``, or ``"imported"`` for vectors that came from outside.
    licence : licence of the weights; carried along, no part of the identity.
    source : model id, path or imported file; carried along, no part of the identity.
    parts : of vectors that several encoders' were joined to, what made each part, in order; else empty.
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
    version: str = "1"
    origin: str = "computed"
    licence: str = ""
    source: str = ""
    parts: tuple[Provenance, ...] = ()

    def identity(self) -> dict[str, Any]:
        """The fields that must agree for two vectors to be comparable."""
        data = self.to_dict()
        for carried in ("licence", "source"):
            data.pop(carried)
        if _SHA256.fullmatch(self.weights_id):  # equal weights are equal wherever they came from
            data["revision"] = None
        if self.parts:
            data["parts"] = [part.identity() for part in self.parts]
        return data

    @property
    def fingerprint(self) -> str:
        """sha256 over :meth:`identity`, 64 hexadecimal digits."""
        text = json.dumps(self.identity(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and checkpoints."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        data["layout"] = self.layout.to_dict()
        if self.parts:
            data["parts"] = [part.to_dict() for part in self.parts]
        else:  # files written before there were parts stay what they are
            del data["parts"]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Provenance:
        """Inverse of :meth:`to_dict`; keys of later versions are ignored."""
        known = {f.name for f in fields(cls)}
        values = {key: value for key, value in data.items() if key in known}
        values["layout"] = Layout.from_dict(values["layout"])
        values["parts"] = tuple(cls.from_dict(part) for part in values.get("parts", ()))
        return cls(**values)

    @classmethod
    def joined(cls, parts: Sequence[Provenance]) -> Provenance:
        """What made the vectors of several encoders side by side, in this order; joined ones count as their parts."""
        flat = tuple(single for part in parts for single in part.parts or (part,))
        return cls(
            encoder="+".join(part.encoder for part in flat),
            kind=flat[0].kind,
            layout=Layout.joined([part.layout for part in flat]),
            weights_id="of the parts",
            licence="; ".join(dict.fromkeys(part.licence for part in flat if part.licence)),
            parts=flat,
        )

    def require_same(self, other: Provenance, *, mine: str, theirs: str, fix: str | None = None) -> None:
        """Refuse to mix two origins.

        Raises
        ------
        EmbeddingError : they differ; the message lists each field with both values.
        """
        if [part.encoder for part in self.parts] == [part.encoder for part in other.parts]:
            for one, another in zip(self.parts, other.parts, strict=True):
                one.require_same(another, mine=f"{one.encoder} in {mine}", theirs=f"in {theirs}", fix=fix)
        left, right = ({"parts": None, **found.identity()} for found in (self, other))
        differing = [key for key in left if left[key] != right[key]]
        if differing:
            lines = "".join(f"\n  {key}: {left[key]} in {mine}, {right[key]} in {theirs}" for key in differing)
            raise EmbeddingError(f"{mine} and {theirs} were not made the same way.{lines}", fix=fix)


def read_provenance(path: Path) -> Provenance:
    """Read ``provenance.json``.

    Raises
    ------
    EmbeddingError : it is missing or damaged.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Provenance.from_dict(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EmbeddingError(
            f"{path} cannot be read: {error}",
            fix=f"Delete the folder {path.parent} and run the embedding again.",
        ) from error

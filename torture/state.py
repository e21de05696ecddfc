"""What a library holds, as plain values: two libraries are alike where these are equal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch

from antiphon.library.files import finish_together, read_parquet
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.store import open_vectors
from antiphon.search.indexes.exact import open_index

PASSING = {"seconds", "pairs_per_second", "made", "manifest_seconds", "checkpoint_path", "sound_from", "root", "filled"}
"""Keys whose values differ from run to run, or say what only the first of two equal runs had to do."""


def state(root: Path) -> dict[str, Any]:
    """Tables, audit, vectors by id, checkpoints' weights, histories, and the index."""
    finish_together(root)
    found: dict[str, Any] = {}
    for name in ("tracks.parquet", "captions.parquet", "metadata.parquet"):
        found[name] = read_parquet(root / name).to_pylist()
    if (root / "audit.json").exists():
        found["audit.json"] = _lasting(json.loads((root / "audit.json").read_text(encoding="utf-8")))
    library = Library(root)
    kinds: tuple[Kind, ...] = ("audio", "text")
    for kind in kinds:
        for name in library.embedded(kind):
            found[f"{kind}/{name}"] = _vectors(library.embedding_folder(kind, name))
    for path in sorted((root / "checkpoints").glob("*.pt")):
        weights = torch.load(path, weights_only=True)["weights"]
        found[path.name] = {key: _digest(value.numpy().tobytes()) for key, value in weights.items()}
    for path in sorted((root / "runs").glob("*/history.jsonl")):
        found[str(path.relative_to(root))] = [_lasting(json.loads(line)) for line in path.open(encoding="utf-8")]
    if (root / "index" / "index.json").exists():
        index = open_index(root)
        hashes = (root / "index" / index.about["hashes"]).read_bytes()
        parts = {
            "vectors": index.vectors.tobytes(),
            "hashes": hashes,
            "tracks": repr(index.tracks.to_pydict()).encode(),
        }
        found["index"] = {name: _digest(content) for name, content in parts.items()}
    return found


def _vectors(folder: Path) -> dict[str, str]:
    stored = open_vectors(folder)
    ids = sorted(stored.row_of)
    return {track_id: _digest(vector.tobytes()) for track_id, vector in zip(ids, stored.take(ids), strict=True)}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lasting(inner) for key, inner in value.items() if key not in PASSING}
    return [_lasting(inner) for inner in value] if isinstance(value, list) else value


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of what differs."""
    return [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]

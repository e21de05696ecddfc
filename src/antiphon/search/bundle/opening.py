"""Checkpoints and sealed bundles, opened alike; a bundle reads texts by its own text side."""

from __future__ import annotations

from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.model import Model
from antiphon.align.checkpoint.sealed import read_bundle_manifest, sealed_manifest
from antiphon.search.bundle.standing import STANDINGS
from antiphon.search.light.text_side import sealed_text_side


def open_model(path: Path) -> Model:
    """A checkpoint's file, or a sealed bundle by its folder or manifest, with what reads its texts.

    Raises
    ------
    CheckpointError : it is missing, damaged, or of another format version.
    """
    manifest = sealed_manifest(path)
    if manifest is None:
        return Model.load(path)
    side = sealed_text_side(manifest)
    return Model(manifest, Bundle.load(manifest), None if side is None else side.encoder)


def standing_remarks(path: Path) -> list[str]:
    """That a bundle did worse than its baselines, where it did: to be said wherever it is used."""
    manifest = sealed_manifest(path)
    if manifest is None:
        return []
    about = read_bundle_manifest(manifest)
    if about.get("standing") != "worse":
        return []
    return [f"About this bundle: {about['verdict'] or STANDINGS['worse']}"]

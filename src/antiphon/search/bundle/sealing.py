"""From a checkpoint of a library to a sealed bundle: one folder, written beside its place and moved there whole."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.checksum import KEY, checksum
from antiphon.align.checkpoint.sealed import TEXT, seal, sealed_manifest, write_heads
from antiphon.align.checkpoint.text_encoder import text_encoder_of
from antiphon.errors import AntiphonError, CheckpointError, LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.split_vectors import Splits
from antiphon.library.files import write_text
from antiphon.library.tracks import Library
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import mean_of_directions
from antiphon.search.answers.fit.carried import fit_to_carry
from antiphon.search.bundle.card import card
from antiphon.search.bundle.examples import Held, held, without_examples
from antiphon.search.bundle.standing import Standing, standing

CARD = "README.md"
KEPT = ("split", "t2a", "a2t", "verdict", "warnings", "captions", "left_out", "typed")
"""Of an evaluation, what a bundle keeps."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What came of sealing a checkpoint.

    Parameters
    ----------
    folder : of the bundle.
    name : of the checkpoint.
    bytes : of all its files.
    standing : whether it beat its baselines.
    verdict : that in words, with figures; "" where nothing was measured.
    text_side : how it reads texts, a sentence.
    holds : what of the training's data is in it.
    lost : MRR with and without training examples, where these were left out.
    """

    folder: Path
    name: str
    bytes: int
    standing: Standing
    verdict: str
    text_side: str
    holds: Held
    lost: dict[str, float]


def seal_checkpoint(root: Path, checkpoint: Path, folder: Path, *, examples: bool = True) -> Sealed:
    """Write a checkpoint as a sealed bundle.

    Parameters
    ----------
    root : library that it was trained on, which judges it.
    checkpoint : its file.
    folder : to be; a bundle that is there is replaced.
    examples : keep what it holds of its training's data; else it loses what cannot do without.

    Raises
    ------
    CheckpointError : it cannot be read, nothing is left without examples, or ``folder`` is something else.
    LibraryError : there is no library.
    """
    if folder.exists() and sealed_manifest(folder) is None and (not folder.is_dir() or any(folder.iterdir())):
        raise CheckpointError(f"{folder} is there and no bundle: it is left as it is.", fix="-o NEW-FOLDER")
    whole = Bundle.load(checkpoint)
    bundle = whole if examples else without_examples(whole)
    figures = measure_bundle(root, bundle)
    lost = {} if examples else loss_without(root, whole, bundle)
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.absolute().parent, prefix=f".{folder.name}.") as made:
        fit = fit_to_carry(Library(root), bundle, partial(text_encoder_of, bundle))
        sealed = _write(Path(made) / "bundle", bundle, whole, figures, lost, title=folder.name, fit=fit)
        if folder.exists():
            shutil.rmtree(folder)
        (Path(made) / "bundle").rename(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Sealed(folder=folder, bytes=size, **sealed)


def _write(
    made: Path,
    bundle: Bundle,
    whole: Bundle,
    figures: dict[str, Any],
    lost: dict[str, float],
    *,
    title: str,
    fit: dict[str, Any] | None,
) -> dict[str, Any]:
    made.mkdir()
    place, holds, text_side = standing(figures), held(bundle), _text_side(bundle, made / TEXT)
    tracks = len(whole.train_ids)
    write_text(
        made / CARD,
        card(bundle, title=title, figures=figures, standing=place, holds=holds, text_side=text_side, lost=lost,
             tracks=tracks),
    )  # fmt: skip
    state = {key: value for key, value in bundle.state().items() if key != "training"}
    state[KEY] = checksum(state)
    manifest = {
        "name": bundle.name,
        "encoder": bundle.encoder,
        "text_encoder": bundle.text_encoder,
        "standing": place,
        "verdict": figures.get("verdict", ""),
        "figures": figures,
        "trained_on": tracks,
        "holds": {"track_ids": holds.track_ids, "landmarks": holds.landmarks, "references": list(holds.references)},
        "without_examples": lost or None,
        "fit": fit,
        "state": write_heads(state, made),
    }
    seal(made, manifest)
    return {
        "name": bundle.name,
        "standing": place,
        "verdict": manifest["verdict"],
        "text_side": text_side,
        "holds": holds,
        "lost": lost,
    }


def _text_side(bundle: Bundle, folder: Path) -> str:
    """Write the text side if there are graphs for it; a sentence on how the bundle reads texts."""
    name = bundle.text_encoder
    needs = f"Texts are read by {name}, which has to be installed where the bundle is opened"
    try:
        from antiphon.search.light.graphs.making import write_text_side
        from antiphon.search.light.graphs.unexportable import Unexportable
    except ImportError:
        return f"{needs}: the package onnx was missing when it was sealed."
    try:
        apart = write_text_side(bundle, text_encoder_of(bundle), folder, linked=False)
    except (Unexportable, AntiphonError) as reason:
        shutil.rmtree(folder, ignore_errors=True)
        return f"{needs}: there is no ONNX graph for {reason}."
    return (
        f"Texts are read by {name}, which is in the folder `{TEXT}` with the heads, as ONNX graphs: numbers differ "
        f"from the checkpoint's by {apart:.1g} at most. They run without torch and without Antiphon."
    )


def measure_bundle(root: Path, bundle: Bundle) -> dict[str, Any]:
    """Figures of a checkpoint on its library's test split, else on val, with the baselines'; empty without captions."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / f"{bundle.name}.pt"
        bundle.save(checkpoint)
        return _measured(root, checkpoint)


def _measured(root: Path, checkpoint: Path) -> dict[str, Any]:
    library = Library(root)
    for split in ("test", "val"):
        if len(library.tracks_in(split)):
            try:
                found = evaluate(root, checkpoint, split, baselines="quick", keep=False)
            except LibraryError:  # no captions there, or no vectors of it
                continue
            baselines = {
                name: {key: own[key] for key in (*DIRECTIONS, "training_minus_baseline") if key in own}
                for name, own in found["baselines"].items()
            }
            return {key: found[key] for key in KEPT if key in found} | {"baselines": baselines}
    return {}


def loss_without(root: Path, whole: Bundle, less: Bundle) -> dict[str, float]:
    """MRR, mean of both directions, of a checkpoint and of what is left of it without its training examples.

    On test, else on val; empty where there are no captions there.
    """
    splits = Splits(root)
    for split in ("test", "val"):
        try:
            both = [splits.vectors(bundle, split) for bundle in (whole, less)]
        except LibraryError:
            continue
        whole_mrr, less_mrr = (mean_of_directions(each.figures(each.ranked, resamples=0, seed=0)) for each in both)
        return {"whole": whole_mrr, "without": less_mrr}
    return {}

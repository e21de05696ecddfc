"""Where a training came from: what made its vectors, its settings, versions, and the commands that lead there again."""

from __future__ import annotations

import platform
import shlex
from pathlib import Path
from typing import NamedTuple

import torch

from antiphon._version import __version__
from antiphon.align.checkpoint.naming import train_options
from antiphon.align.config import TrainConfig, differing, to_toml
from antiphon.evaluate.report.material import ReportMaterial
from antiphon.library.files import file_hash
from antiphon.library.next_step import text_for_training
from antiphon.library.vectors.provenance import Provenance


class Origins(NamedTuple):
    """All that is known.

    Parameters
    ----------
    encoders : headings and a row for each encoder.
    checkpoint : names and values.
    changed : settings that are not the default, as TOML with their meaning; "" where all are.
    settings : all of them.
    commands : one after another, from the table of music to this page.
    """

    encoders: tuple[tuple[str, ...], ...]
    checkpoint: tuple[tuple[str, str], ...]
    changed: str
    settings: str
    commands: tuple[str, ...]


HEADINGS = ("encoder", "of", "numbers", "weights", "revision", "cut and pooled", "origin", "licence", "version")


def origins_of(material: ReportMaterial) -> Origins:
    """Of the training that is looked at closely."""
    bundle = material.bundle
    made = [
        source for whole in (bundle.audio_provenance, bundle.text_provenance) for source in whole.sources or (whole,)
    ]
    return Origins(
        encoders=(HEADINGS, *(_encoder(source) for source in made)),
        checkpoint=tuple(_checkpoint(material)),
        changed=_changed(bundle.config),
        settings=to_toml(bundle.config),
        commands=tuple(_commands(material)),
    )


def _encoder(made: Provenance) -> tuple[str, ...]:
    layout = made.layout
    size = f"{layout.size:,}" if layout.layers == 1 else f"{layout.size:,} ({layout.layers} layers)"
    cut = [f"{made.rate:,} Hz"] if made.rate else []
    cut += [f"windows of {made.window_s:g} s every {made.hop_s:g} s"] if made.window_s and made.hop_s else []
    cut += [f"pooling: {made.pooling}"] if made.pooling != "none" else []
    cut += [f"prompt: {made.prompt!r}"] if made.prompt else []
    return (
        made.encoder,
        made.kind,
        size,
        made.weights_id[:16] if len(made.weights_id) == 64 else made.weights_id,
        (made.revision or "–")[:12],
        ", ".join(cut) or "–",
        made.origin,
        made.licence or "–",
        made.version,
    )


def _checkpoint(material: ReportMaterial) -> list[tuple[str, str]]:
    bundle, library = material.bundle, material.library
    fresh = "" if bundle.split_fingerprint == library.split_fingerprint() else " (the library's splits changed since)"
    return [
        ("file", material.checkpoint.name),
        ("sha256", file_hash(material.checkpoint)),
        ("epoch", str(bundle.epoch) if bundle.epoch else "closed forms alone"),
        ("numbers that were trained", f"{bundle.parameters:,}"),
        ("training tracks", f"{len(bundle.train_ids):,}"),
        ("seed", str(bundle.seed)),
        ("splits", f"{bundle.split_fingerprint[:16]}{fresh}"),
        ("manifest", f"{Path(str(library.meta.get('manifest', '–'))).name}, sha256 {_manifest_hash(material)}"),
        ("trained with", f"Antiphon {bundle.antiphon}, torch {bundle.torch}"),
        ("this page", f"Antiphon {__version__}, torch {torch.__version__}, Python {platform.python_version()}"),
    ]


def _manifest_hash(material: ReportMaterial) -> str:
    return str(material.library.meta.get("manifest_sha256") or "unknown")[:16]


def _changed(config: TrainConfig) -> str:
    """Settings other than the defaults, each below its meaning."""
    changed = set(differing(TrainConfig(), config))
    pairs = zip(*[iter(to_toml(config).splitlines()[1:])] * 2, strict=True)  # its meaning, then its line
    return "\n".join(f"{meaning}\n{line}" for meaning, line in pairs if line.split(" =")[0] in changed)


def _commands(material: ReportMaterial) -> list[str]:
    bundle, library = material.bundle, material.library
    manifest = Path(str(library.meta.get("manifest", "MANIFEST"))).name
    seed = library.meta.get("seed", 0)
    audio = bundle.audio_provenance.sources or (bundle.audio_provenance,)
    text = bundle.text_provenance.sources or (bundle.text_provenance,)
    said = [f"antiphon ingest {shlex.quote(manifest)} --seed {seed}"]
    computed = [s.encoder for s in audio if s.origin == "computed"]
    read = [s.encoder for s in text if s.origin == "computed"]
    if computed or read:
        sound = f" --encoder {' '.join(computed)}" if computed else ""
        words = f" --text {' '.join(read)}" if read else ""
        said.append(f"antiphon embed{sound}{words}")
    said += [
        f"antiphon import-embeddings {s.encoder} FILE{' --kind text' if s.kind == 'text' else ''}"
        for s in (*audio, *text)
        if s.origin != "computed"
    ]
    if "," in bundle.encoder:
        said.append(f"antiphon fuse {' '.join(bundle.run.split(','))}")
    else:
        default = text_for_training(library)
        options = train_options(bundle.run, bundle.encoder, bundle.text_encoder, default_text=default)
        said.append(f"antiphon train {options} --config runs/{bundle.run}/config.toml")
    said += [f"antiphon evaluate {bundle.run} --split {material.split}", f"antiphon report {bundle.run}"]
    return said

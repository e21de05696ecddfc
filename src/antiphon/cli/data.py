"""Commands that bring data in: ingest, embed, import-embeddings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.cli.console import JsonOption, LibraryOption, ProgressBar, note, say, say_json
from antiphon.cli.weights import weights_by_encoder
from antiphon.embed import EmbedReport, embed_audio, embed_text
from antiphon.embed.ray_engine import embed_audio_ray
from antiphon.errors import AntiphonError
from antiphon.layout import Layout
from antiphon.library.ingest import ingest as ingest_manifest
from antiphon.library.leakage.duplicates import find_copies_in
from antiphon.library.leakage.regrouping import regroup
from antiphon.library.tracks import Library
from antiphon.library.vectors.imports import import_embeddings as import_vectors
from antiphon.registry import LoadOptions, scan

SIGNAL_ENCODERS = ("timbre", "harmony", "rhythm")
NAMES = Parameter(consume_multiple=True, negative="")


def ingest(
    manifest: Path,
    *,
    seed: int = 0,
    strict: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Make a library from your table of music and captions; print the audit.

    Parameters
    ----------
    manifest
        CSV, TSV, JSONL, JSON, Parquet, an audio folder with a metadata file, or a saved Hugging Face dataset.
    seed
        Chooses which groups fall into train, val and test.
    strict
        Stop at rows with problems instead of skipping and listing them.
    json
        Print the audit as JSON.
    library
        The folder to make the library in. Ingesting again keeps every track's split and all vectors.
    """
    audit = ingest_manifest(manifest, library, seed=seed, strict=strict)
    if json:
        say_json(audit.to_dict())
    else:
        say(audit.lines())


def embed(
    *,
    encoder: Annotated[list[str] | None, NAMES] = None,
    text: Annotated[list[str] | None, NAMES] = None,
    phrases: Annotated[bool, Parameter(negative="")] = False,
    weights: Annotated[list[str] | None, NAMES] = None,
    revision: str | None = None,
    device: str = "auto",
    dtype: Literal["auto", "float32", "bfloat16"] = "auto",
    jobs: int | None = None,
    batch_seconds: float = 120.0,
    compile: Annotated[bool, Parameter(negative="")] = False,
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
    actors: int | None = None,
    gpus: float | None = None,
    retry_failed: Annotated[bool, Parameter(negative="")] = False,
    check_content: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Run frozen encoders over the library's audio and captions.

    Only what is new, changed or (with --retry-failed) failed is embedded. Stopping at any moment loses at most the
    batch in flight; the same command carries on.

    Parameters
    ----------
    encoder
        Audio encoders by name; see `antiphon encoders`. Default: the three that need no download, unless --text is
        given alone.
    text
        Text encoders: names, or ids or paths of sentence-transformers models. Default: minilm.
    phrases
        Embed the captions' phrases too (tags, clauses, sentences): training then uses them (setting caption_phrases).
    weights
        A local directory or hub id with the encoder's weights, in place of its default; several as NAME=DIR (muq=DIR
        mert=DIR). They are also those of its native text tower (--encoder muq --text muq-mulan).
    revision
        Commit, tag or branch of the weights on the hub.
    device
        Where models run: auto, cpu, cuda (all GPUs), cuda:1, cuda:0,cuda:1 (these), or mps.
    dtype
        Arithmetic inside models.
    jobs
        Worker processes for decoding and signal encoders, of all devices together; with ray those of each actor.
        Default: one a core; with ray 1, or with GPUs the cores for each GPU, at most 8.
    batch_seconds
        How much audio a model hears at once, seconds.
    compile
        Run models through torch.compile: slower to start, worth it on a GPU and thousands of tracks.
    engine
        local: this machine. ray: a cluster's machines, which see the audio under the same paths or as URLs.
    address
        Of the Ray cluster, such as ray://head:10001. Default: the one that is connected, or a new local one.
    actors
        How many processes hold the encoders on the cluster. Default: as many as it has room for.
    gpus
        GPU of each such process: 1, a fraction for several a GPU, or 0. Default: 1 for models where there are GPUs.
    retry_failed
        Try files again that failed before.
    check_content
        Tell changed files by a hash of their content, not by size and time alone.
    json
        Print the reports as JSON.
    library
        The library's folder.
    """
    has_audio = any(Library(library).column("path"))
    audio_names = encoder if encoder is not None else ([] if text is not None or not has_audio else [*SIGNAL_ENCODERS])
    text_names = text or ["minilm"]
    own = weights_by_encoder(weights or (), revision, audio_names, text_names)
    options = LoadOptions(
        device=device, dtype=dtype, compile=compile, by_name=tuple((name, (own[name], revision)) for name in own)
    )
    kinds = (False, True) if phrases else (False,)
    reports = [
        _embed_captions(
            library, name, replace(options.of(name), dtype="auto", compile=False), retry_failed, phrases=kind
        )
        for name in text_names
        for kind in kinds
    ]
    if audio_names:
        run: Callable[..., list[EmbedReport]] = embed_audio
        if engine == "ray":
            run = partial(embed_audio_ray, address=address, actors=actors, gpus=gpus)
        with ProgressBar(f"audio with {', '.join(audio_names)}") as bar:
            reports += run(
                library,
                audio_names,
                options=options,
                jobs=jobs,
                batch_seconds=batch_seconds,
                retry_failed=retry_failed,
                check_content=check_content,
                on_progress=lambda p: bar.update(p.done, p.total, f"{p.audio_speed:.0f} × real time"),
            )
    _print_reports(reports, json=json)
    _join_copies(library)


def _embed_captions(
    library: Path, name: str, options: LoadOptions, retry_failed: bool, *, phrases: bool
) -> EmbedReport:
    with ProgressBar(f"{'phrases' if phrases else 'captions'} with {name}") as bar:
        return embed_text(
            library,
            name,
            phrases=phrases,
            options=options,
            retry_failed=retry_failed,
            on_progress=lambda p: bar.update(p.done, p.total),
        )


def _print_reports(reports: list[EmbedReport], *, json: bool) -> None:
    if json:
        say_json([report.to_dict() for report in reports])
        return
    for report in reports:
        say(report.lines())


def _join_copies(root: Path) -> None:
    """Put tracks that turn out to be copies of one another into one group."""
    library = Library(root)
    changed = regroup(library, find_copies_in(library))
    note(changed.lines())


def import_embeddings(
    name: str,
    file: Path,
    *,
    kind: Literal["audio", "text"] = "audio",
    ids: Path | None = None,
    layout: str | None = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Bring vectors that you already have.

    Parameters
    ----------
    name
        What to call the encoder here; a known name (muq, mert, latent) brings its layout.
    file
        .npy with --ids, .npz (ids, vectors), .parquet (id, vector) or .h5.
    kind
        audio: ids are track ids. text: ids are caption ids, {track_id}#{n}.
    ids
        Text file with one id a line, for .npy.
    layout
        How the vector is composed, LAYERSxDIMSxSTATISTICS, such as 25x1024x3.
    json
        Print the report as JSON.
    library
        The library's folder.
    """
    known = scan()[0].get(name)
    chosen = _parse_layout(layout) if layout else (known.card.layout if known and known.card.kind == kind else None)
    report = import_vectors(library, name, file, kind=kind, ids=ids, layout=chosen)
    if json:
        say_json(report.to_dict())
    else:
        say(report.lines())
    if kind == "audio":
        _join_copies(library)


def _parse_layout(text: str) -> Layout:
    try:
        layers, dims, statistics = (int(part) for part in text.lower().replace("×", "x").split("x"))
        return Layout(layers, dims, statistics)
    except ValueError as error:
        raise AntiphonError(
            f"'{text}' is no layout.", fix="Write LAYERSxDIMSxSTATISTICS: --layout 25x1024x3"
        ) from error

"""Commands that bring data in: ingest, embed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.api.chosen import chosen_encoders, not_fetched
from antiphon.api.embedded import embed_library
from antiphon.cli.accounts import account_for
from antiphon.cli.output.console import JsonOption, LibraryOption, ProgressBars, note, say, say_json
from antiphon.cli.weights import weights_by_encoder
from antiphon.embed import Progress, embed_audio
from antiphon.embed.loading import threads_wait_asleep
from antiphon.embed.ray_engine import embed_audio_ray
from antiphon.library.ingest import IngestOptions
from antiphon.library.ingest import ingest as ingest_manifest
from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.library.manifest.paths.mapping import path_map as path_map_of
from antiphon.library.next_step import TOO_FEW, TRY_IT, command, next_step
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions, TextPooling, find

NAMES = Parameter(consume_multiple=True, negative="")


def ingest(
    manifest: str,
    *more: str,
    caption: Annotated[list[str] | None, Parameter(negative="")] = None,
    id: str | None = None,
    audio: str | None = None,
    split_column: str | None = None,
    group: str | None = None,
    audio_folder: Annotated[list[Path] | None, Parameter(negative="")] = None,
    path_map: Annotated[list[str] | None, Parameter(negative="")] = None,
    no_audio: Annotated[bool, Parameter(negative="")] = False,
    only: Annotated[list[str] | None, Parameter(negative="")] = None,
    folder_tags: bool | None = None,
    caption_kind: Literal["human", "machine", "tags"] = "human",
    split: Literal["train", "val", "test"] | None = None,
    keep_splits: Annotated[bool, Parameter(negative="")] = False,
    no_paraphrase_joins: Annotated[bool, Parameter(negative="")] = False,
    no_tags: Annotated[bool, Parameter(negative="")] = False,
    seed: int | None = None,
    strict: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Make a library from a folder of music, a player's data, or a table with captions; print the audit.

    Parameters
    ----------
    manifest
        A folder of music; Navidrome's database (navidrome.db); beets' database (library.db); a playlist (M3U, M3U8); a
        Subsonic server's address (https://USER@HOST; the password is asked for, or ANTIPHON_SUBSONIC_PASSWORD); or a
        table: CSV, TSV, JSONL, JSON, Parquet, HDF5, a saved Hugging Face dataset.
    more
        Further tables. Rows of one id belong together, whichever table they are in; a table's name may say its split.
    caption
        A column with captions, in place of those known by their names; may be given several times.
    id
        The column with each track's id.
    audio
        The column with each track's file.
    split_column
        The column with each track's split.
    group
        The column that says which tracks must share a split.
    audio_folder
        A folder in which files are looked for by their name, or by the track's id; may be given several times.
    path_map
        PLAYER=HERE, such as /music=/mnt/nas/music: a folder as the player or table writes it, and where it is on this
        machine; may be given several times.
    no_audio
        Read no paths: captions alone, for vectors that are imported.
    only
        Take only rows whose COLUMN says yes, or COLUMN=VALUE; may be given several times.
    folder_tags
        Take the names of folders as captions. Default: where they look like classes and there are no captions.
    caption_kind
        Who wrote the captions: human; machine (a language model, a tagger); tags (made from metadata). A column
        caption_kind says it row by row. Only people's captions judge a training, where there are any.
    split
        Put all tracks into one split, whatever the table says.
    keep_splits
        Leave every track in the split that the manifest names; leaks across them are reported.
    no_paraphrase_joins
        Do not keep tracks together because their captions are alike.
    no_tags
        Do not read the tags of sound files. With them title, artist and album are filled where the table leaves them
        open, artists keep their tracks together, and all tags become metadata.
    seed
        Seed of the split into train, val and test. Default: as before, or 0.
    strict
        Stop when rows have problems, instead of skipping and listing them.
    json
        Print the audit as JSON.
    library
        The folder to make the library in. Ingesting again keeps every track's split and all vectors.
    """
    choice = Choice(
        id=id or "", audio=audio or "", captions=tuple(caption or ()), split=split_column or "", group=group or ""
    )
    options = IngestOptions(
        seed=seed,
        strict=strict,
        keep_splits=keep_splits,
        paraphrase_joins=not no_paraphrase_joins,
        tags=not no_tags,
        manifest=ManifestOptions(
            choice=choice,
            only=tuple(only or ()),
            split=split or "",
            audio_folders=tuple(audio_folder or ()),
            path_maps=tuple(path_map_of(text) for text in path_map or ()),
            no_audio=no_audio,
            account=account_for([manifest, *more]),
            folder_tags=folder_tags,
            caption_kind=caption_kind,
        ),
    )
    with ProgressBars() as bars:
        told = replace(options, on_tags=lambda done, total: bars.update("tags", done, total))
        audit = ingest_manifest(manifest, library, options=told, more=more)
    if json:
        say_json(audit.to_dict())
    else:
        say(audit.lines())
        note(_next(library))


def embed(
    *,
    encoder: Annotated[list[str] | None, NAMES] = None,
    text: Annotated[list[str] | None, NAMES] = None,
    phrases: Annotated[bool, Parameter(negative="")] = False,
    weights: Annotated[list[str] | None, NAMES] = None,
    revision: str | None = None,
    pooling: TextPooling | None = None,
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
    allow_missing: Annotated[bool, Parameter(negative="")] = False,
    windows: Annotated[bool, Parameter(negative="")] = False,
    storage: Annotated[list[str] | None, NAMES] = None,
    duplicates: bool = True,
    captions: bool = True,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Run frozen encoders over the library's audio and captions.

    Only what is new, changed or (with --retry-failed) failed is embedded. Stopping at any moment loses at most the
    batch in flight; the same command carries on.

    Parameters
    ----------
    encoder
        Audio encoders by name; see `antiphon encoders`. Default: the three that need no download and,
        once it was fetched, musicnn; none where --text is given alone.
    text
        Text encoders: names, or ids or paths of sentence-transformers models; several stand beside one another.
        Default: minilm, and those that have read captions here before.
    phrases
        Embed the captions' phrases too (tags, clauses, sentences): training then uses them (setting caption_phrases).
    weights
        A folder or hub id with the encoder's weights, in place of its default; for several encoders NAME=DIR each
        (muq=DIR mert=DIR). An encoder's native text tower uses them, too (--encoder muq --text muq-mulan).
    revision
        Commit, tag or branch of the weights on the hub.
    pooling
        How a text model given by id or folder makes one vector of its tokens': mean, cls (the first token) or last.
        Only for a model whose own files do not say it.
    device
        Where models run: auto, cpu, cuda (all GPUs), cuda:1, cuda:0,cuda:1 (these), or mps.
    dtype
        Arithmetic of models. auto: float32 on a CPU, bfloat16 on a GPU, and musicnn on CPUs that have it.
    jobs
        Worker processes that decode sound and run signal encoders, for all devices together; with ray, for each actor.
        Default: one a core; with ray 1, or with GPUs the cores that there are for each GPU, at most 8.
    batch_seconds
        How much audio goes through a model in one batch, seconds.
    compile
        Run models through torch.compile: slower to start, worth it on a GPU and thousands of tracks.
    engine
        local: this machine. ray: a Ray cluster, whose machines find the audio under the same paths or URLs.
    address
        Address of the Ray cluster, such as ray://head:10001. Default: the connected one, or a new local one.
    actors
        Number of processes on the cluster that hold the encoders. Default: as many as it has room for.
    gpus
        GPUs of each such process: 1, a fraction to share one, or 0. Default: 1 for models where there are GPUs.
    retry_failed
        Try files again that failed before.
    check_content
        Compare a hash of each file's content with the last run's, instead of its size and time of modification.
    allow_missing
        Go on where most sound files are missing. Vectors of missing files stay in any case.
    windows
        Also keep the mean of every 10 s of each track, so that search says where a track fits best. Tracks that have
        a vector already are heard again for it; tracks that come later get theirs unasked.
    storage
        Open addresses of these kinds, such as s3 or gs; the library remembers it. Without it only files are opened.
    duplicates
        Look for the same audio under two ids when done, and put such tracks into one group.
    captions
        Make captions from metadata and from what was heard, beside people's, and embed them (antiphon caption shows
        them, and says which kinds there are). --no-captions leaves them as they are.
    json
        Print the reports as JSON.
    library
        The library's folder.
    """
    threads_wait_asleep()
    audio_names, text_names = chosen_encoders(library, encoder, text)
    own = weights_by_encoder(weights or (), revision, audio_names, text_names)
    options = LoadOptions(
        device=device,
        dtype=dtype,
        compile=compile,
        pooling=pooling,
        by_name=tuple((name, (own[name], revision)) for name in own),
    )
    on_cluster = partial(embed_audio_ray, address=address, actors=actors, gpus=gpus)
    with ProgressBars() as bars:
        done = embed_library(
            library,
            audio_names,
            text_names,
            phrases=phrases,
            options=options,
            retry_failed=retry_failed,
            run_audio=on_cluster if engine == "ray" else embed_audio,
            jobs=jobs,
            batch_seconds=batch_seconds,
            check_content=check_content,
            allow_missing=allow_missing,
            windows=windows,
            storage=storage or (),
            duplicates=duplicates,
            captions=captions,
            on_progress=lambda what, p: bars.update(what, *p.counted, _speed(p)),
        )
    if json:
        say_json([report.to_dict() for report in done.reports])
    else:
        say(done.report_lines())
    note([*done.made_lines(), *done.regrouped.lines()])
    if not json:
        note(_better_with(Library(library)) if audio_names else [])
        note(_next(library))
    done.require_all()


def _next(root: Path) -> list[str]:
    """What to do once this is done: what is missing, or where nothing is and nothing was trained yet, to train."""
    step = next_step(Library(root))
    if step == command(TRY_IT, root):
        return [TOO_FEW, f"Next: {step}"]
    if step == command("train", root):
        trained = any((root / "checkpoints").glob("*.pt"))
        return [] if trained else [f"Next: {step}   (it answers already: {command(TRY_IT, root)})"]
    return [f"Next: {step}"]


def _better_with(library: Library) -> list[str]:
    """What a person gains by fetching a small model, where it is missing."""
    names = not_fetched(library)
    step = command("embed", library.root)
    return [
        f"{name} is not on this machine: {find(name, 'audio').card.summary} antiphon encoders --get {name}, then {step}"
        for name in names
    ]


def _speed(progress: Progress) -> str:
    return f"{progress.audio_speed:.0f} × real time" if progress.audio_seconds else ""

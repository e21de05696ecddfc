"""Audio encoders over the tracks of a library, on this machine.

Each file is decoded once for all encoders named in a call. Signal encoders run in the worker processes that decode;
models run here, on batches of windows from many tracks, or, where there are several devices, in a process for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from antiphon import registry
from antiphon.embed.devices.devices import Devices, devices_of
from antiphon.embed.ledger import OnProgress, open_ledger, require_audio, windows_of
from antiphon.embed.loading import cores, load_models, made_by, require_sensible
from antiphon.embed.report import EmbedReport
from antiphon.embed.workers.engine import Engine
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions


def embed_audio(
    root: Path,
    names: Sequence[str],
    *,
    options: LoadOptions | None = None,
    jobs: int | None = None,
    batch_seconds: float = 120.0,
    retry_failed: bool = False,
    check_content: bool = False,
    allow_missing: bool = False,
    windows: bool = False,
    on_progress: OnProgress | None = None,
) -> list[EmbedReport]:
    """Embed the tracks of a library that have no current vector yet.

    Parameters
    ----------
    root : folder of the library.
    names : audio encoders; each file is decoded once for all of them.
    options : how to load them. Its device may be several, separated by commas; "auto" and "cuda" are all CUDA devices.
    jobs : worker processes, of all devices together; None for one a core.
    batch_seconds : sound that a model hears at once, seconds.
    retry_failed : also try files again that failed before and have not changed.
    check_content : tell a changed file by a hash of its content (which reads every file) instead of size and time.
        A hash is there to compare with from the first such run on.
    allow_missing : go on where most files are missing. Vectors of missing files stay in any case.
    windows : also keep the mean of every 10 s (:mod:`antiphon.library.vectors.windows`), of tracks that have a vector
        already, too. An encoder that has windows here gets those of new tracks unasked.
    on_progress : called after every file.

    Returns
    -------
    One report an encoder, in the order of ``names``. A file that cannot be read is recorded there with its reason.

    Raises
    ------
    ConfigError : ``jobs`` is below 1, or ``batch_seconds`` not above 0.
    LibraryError : there is no library, or no audio in it, or most of it is missing.
    EncoderError : an encoder is unknown, or cannot be loaded.
    EmbeddingError : another process embeds with it, or its vectors here were made another way.
    KeyboardInterrupt : Ctrl-C; all that was finished is stored, and the message says how to carry on.
    """
    options = options or LoadOptions()
    library = Library(root)
    require_audio(library)
    wanted = list(dict.fromkeys(names))
    require_sensible(jobs=jobs, batch_seconds=batch_seconds)
    jobs = jobs or cores()
    with_windows = windows_of(library, wanted, asked=windows)
    opened = partial(
        open_ledger,
        library,
        retry_failed=retry_failed,
        check_content=check_content,
        allow_missing=allow_missing,
        windows=with_windows,
        on_progress=on_progress,
    )
    devices = devices_of(options) if any(registry.find(name, "audio").card.parameters for name in wanted) else []
    if len(devices) > 1:
        with (
            Devices(wanted, options, devices, jobs=jobs, batch_seconds=batch_seconds, windows=with_windows) as several,
            opened(several.made_by()) as ledger,
        ):
            for step in several.run(ledger.tasks):
                ledger.take(step)
        return ledger.reports()
    models = load_models(wanted, options)
    with opened(made_by(wanted, models, options)) as ledger:
        if ledger.tasks:
            with Engine(
                signal=[name for name in wanted if name not in models],
                models=models,
                options=options,
                jobs=jobs,
                batch_seconds=batch_seconds,
                windows=with_windows,
                around=ledger.interrupt.at_once,
            ) as engine:
                for step in engine.run(ledger.tasks):
                    ledger.take(step)
    return ledger.reports()

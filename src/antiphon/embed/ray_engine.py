"""Audio encoders over the tracks of a library, on a cluster: Ray Data feeds a pool of actors with batches of files.

The machine that calls needs the library and Ray, no weights; the others need Antiphon, the weights, and the files under
the same paths (shared storage) or addresses (object storage). Results stream back and are written here as on one
machine, so that a run can be stopped, killed and carried on in the same way, here or there.

An actor that dies is replaced and its batch done again. Files whose actor died every time are tried once more, each
alone; what kills its actor even then is recorded as failed.
"""

from __future__ import annotations

import logging
import os
import pickle
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from antiphon import registry
from antiphon.embed.devices.actor import Actor, Orders, Refused, identities
from antiphon.embed.ledger import OnProgress, open_ledger, require_audio, windows_of
from antiphon.embed.loading import require_sensible
from antiphon.embed.report import EmbedReport
from antiphon.embed.target import Maker
from antiphon.embed.workers.messages import Outcome, Step, Task
from antiphon.errors import ConfigError, EmbeddingError, EncoderError
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions

FILES_AT_ONCE = 32
"""Files in a batch at most: what an actor that dies has to do again."""
BATCHES_AN_ACTOR = 4
"""At least so many, where there are files enough, so that no actor waits long for the last one."""
RETRIES = 2
MOST_JOBS = 8
"""Decoding processes of an actor with a GPU, unless more are asked for."""
DIED = "the machine or process that was at it died every time"


def embed_audio_ray(
    root: Path,
    names: Sequence[str],
    *,
    address: str | None = None,
    actors: int | None = None,
    jobs: int | None = None,
    gpus: float | None = None,
    options: LoadOptions | None = None,
    batch_seconds: float = 120.0,
    retry_failed: bool = False,
    check_content: bool = False,
    allow_missing: bool = False,
    windows: bool = False,
    on_progress: OnProgress | None = None,
) -> list[EmbedReport]:
    """Embed the tracks of a library that have no current vector yet, on a Ray cluster.

    Parameters
    ----------
    root : folder of the library, on this machine.
    names, options, batch_seconds, retry_failed, check_content, allow_missing, windows, on_progress : as for
        :func:`antiphon.embed.embed_audio`.
    address : of the cluster ("auto", "ray://head:10001"); None for the one that is connected, or a new local one.
    actors : processes that hold the encoders; None for as many as the cluster has room for.
    jobs : cores of one actor, each for one decoding process; None for the cores that the cluster has for each of its
        GPUs where actors get GPUs, at most 8, else 1.
    gpus : GPU of one actor: 1, a fraction for several actors a GPU, or 0; None for 1 where an encoder is a model and
        the cluster has GPUs (unless ``options.device`` is another), else 0.

    Returns
    -------
    As :func:`antiphon.embed.embed_audio`; vectors of signal encoders are the same bit for bit.

    Raises
    ------
    LibraryError, EncoderError, EmbeddingError, KeyboardInterrupt : as there; EmbeddingError also where Ray is not
        installed or does not answer.
    ConfigError : devices are named, which are Ray's to give out, or an actor shall have more than one GPU.
    """
    options = options or LoadOptions()
    require_sensible(jobs=jobs, actors=actors, batch_seconds=batch_seconds)
    _require_sensible(options, gpus)
    library = Library(root)
    require_audio(library)
    wanted = tuple(dict.fromkeys(names))
    cards = [registry.find(name, "audio").card for name in wanted]
    ray, own = _connect(address)
    try:
        models = any(card.parameters for card in cards)
        each = share_of(ray.cluster_resources(), models=models, device=options.device, gpus=gpus, jobs=jobs)
        made_by = _identities(ray, wanted, options, each)
        with_windows = windows_of(library, wanted, asked=windows)
        orders = Orders(
            names=wanted,
            options=options,
            jobs=int(each["num_cpus"]),
            batch_seconds=batch_seconds,
            windows=with_windows,
        )
        with open_ledger(
            library,
            made_by,
            retry_failed=retry_failed,
            check_content=check_content,
            allow_missing=allow_missing,
            windows=with_windows,
            on_progress=on_progress,
        ) as ledger:
            expected = {made.encoder: made.fingerprint for made in (maker.provenance for maker in made_by)}
            pool = _Pool(ray, orders, expected, each, actors or _room(ray, each))
            for most in (FILES_AT_ONCE, 1):
                for step in pool.run(ledger.unsettled(), most, around=ledger.interrupt):
                    ledger.take(step)
            for task in ledger.unsettled():
                ledger.take(Step(tuple(Outcome(task.number, name, DIED) for name in task.names)))
        return ledger.reports()
    finally:
        if own:
            ray.shutdown()


def _require_sensible(options: LoadOptions, gpus: float | None) -> None:
    if "," in options.device or ":" in options.device:
        raise ConfigError(
            f"Ray gives out the GPUs of a cluster, so that '{options.device}' cannot be asked for.",
            fix="Use --device cuda, or leave it out; --gpus says what part of a GPU each process gets.",
        )
    if gpus is not None and not 0 <= gpus <= 1:
        raise ConfigError(
            f"A process uses one GPU at most, not {gpus:g}.", fix="Use --gpus 1, a fraction such as 0.5, or 0."
        )


def share_of(
    cluster: Mapping[str, float], *, models: bool, device: str, gpus: float | None, jobs: int | None
) -> dict[str, float]:
    """What one actor gets, in Ray's words.

    Parameters
    ----------
    cluster : Ray's ``cluster_resources()``.
    models : whether an encoder is a model.
    device, gpus, jobs : as for :func:`embed_audio_ray`.
    """
    there = cluster.get("GPU", 0)
    if gpus is None:
        gpus = float(models and there >= 1 and device in ("auto", "cuda"))
    if jobs is None:
        jobs = min(MOST_JOBS, max(1, int(cluster.get("CPU", 1) * gpus / there))) if gpus and there else 1
    return {"num_cpus": jobs, "num_gpus": gpus}


def _connect(address: str | None) -> tuple[Any, bool]:
    """Ray, and whether the connection was made here."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report every cluster to its makers
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise EmbeddingError(f"Ray is not installed ({error}).", fix="pip install 'antiphon[dist]'") from error
    if ray.is_initialized() and address is None:
        return ray, False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        ray.init(
            address=address, log_to_driver=False, logging_level="ERROR", include_dashboard=None if address else False
        )
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        raise EmbeddingError(
            f"The Ray cluster at {address or 'this machine'} does not answer: {error}",
            fix="Start one: ray start --head; or leave --address out to use this machine.",
        ) from error
    return ray, True


def _identities(ray: Any, names: tuple[str, ...], options: LoadOptions, each: dict[str, float]) -> list[Maker]:
    found = ray.get(ray.remote(**each)(identities).remote(names, options))
    if isinstance(found, Refused):
        raise EncoderError(found.problem, fix=found.fix)
    made_by: list[Maker] = found
    return made_by


def _room(ray: Any, each: dict[str, float]) -> int:
    """Actors that the cluster has room for."""
    total = ray.cluster_resources()
    wanted = {"CPU": each["num_cpus"], "GPU": each["num_gpus"]}
    return max(1, min(int(total.get(kind, 0) // share) for kind, share in wanted.items() if share))


def _again() -> dict[str, int]:
    """How often Ray gives an actor's batch to its successor."""
    return {"max_task_retries": RETRIES}


class _Pool:
    """Runs tasks on actors."""

    def __init__(self, ray: Any, orders: Orders, expected: dict[str, str], each: dict[str, float], actors: int) -> None:
        self._ray, self._orders, self._expected, self._each, self._actors = ray, orders, expected, each, actors

    def run(self, tasks: Sequence[Task], most: int, *, around: Any) -> Iterator[Step]:
        """Steps as they come, of at most ``most`` files a batch; files whose actor died every time are left out."""
        if not tasks:
            return
        actors = min(self._actors, len(tasks))
        size = max(1, min(most, len(tasks) // (actors * BATCHES_AN_ACTOR)))
        steps = iter(self._dataset(tasks, size, actors).iter_rows())
        while True:
            with around.at_once():
                row = next(steps, None)
            if row is None:
                return
            step = pickle.loads(row["step"])  # nosec B301 # of our own actors
            if isinstance(step, Refused):
                raise EncoderError(step.problem, fix=step.fix)
            yield step

    def _dataset(self, tasks: Sequence[Task], size: int, actors: int) -> Any:
        data = self._ray.data
        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        context.max_errored_blocks = -1  # what is missing at the end is looked into there
        rows = [{"task": pickle.dumps(task)} for task in tasks]
        with warnings.catch_warnings():  # Ray has announced another spelling of this, but does not have it yet
            warnings.filterwarnings("ignore", message="`ray_remote_args_fn` is deprecated")
            return self._mapped(data.from_items(rows, override_num_blocks=-(-len(rows) // size)), actors)

    def _mapped(self, batches: Any, actors: int) -> Any:
        return batches.map_batches(
            Actor,
            batch_size=None,
            fn_constructor_kwargs={"orders": self._orders, "expected": self._expected},
            compute=self._ray.data.ActorPoolStrategy(size=actors),
            ray_remote_args_fn=_again,
            **self._each,
        )

"""What a training starts from: from nothing, from where one of its name was interrupted, or not at all.

The same command again carries on: it goes on with what was interrupted, and leaves alone what is finished. Anything
that would replace a training by another one (other settings, other data) is refused unless it was asked for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig, differing
from antiphon.align.data.material import Material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.training.defaults import resolve_from_data
from antiphon.align.training.distributed import Processes
from antiphon.align.training.schedule import TrainingProgress
from antiphon.align.training.setup import resolve_settings
from antiphon.errors import CheckpointError, ConfigError, EmbeddingError

MAY_CHANGE = frozenset({"epochs", "finetune_epochs", "patience", "device", "memory_gb", "log_to"})
"""Settings that a resumed run may change: they say how long and where, not what is learned."""
OF_THE_MACHINE = frozenset({"device", "memory_gb", "log_to"})
"""Settings that say where it runs and what it draws, and make no other training of it."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a training starts from.

    Parameters
    ----------
    config : resolved settings.
    bundle : the ``…_last.pt`` to go on from, None to start anew.
    """

    config: TrainConfig
    bundle: Bundle | None = None

    @property
    def progress(self) -> TrainingProgress:
        """What has been reached already."""
        return (
            TrainingProgress() if self.bundle is None else TrainingProgress.from_dict(self.bundle.training["progress"])
        )

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        concluded = self.bundle is None or self.bundle.training.get("concluded", True)
        return concluded and self.progress.finished(self.config.planned_epochs, self.config.patience)


def find_start(
    material: Material, config: TrainConfig | None, *, resume: bool = False, overwrite: bool = False
) -> Start:
    """Where a training of this name begins.

    Parameters
    ----------
    material : the data, with :attr:`~antiphon.align.data.material.Material.content` where it is to be compared.
    config : settings asked for; None for the defaults, or with ``resume`` those of the training that goes on.
    resume : go on although how long it trains may have changed.
    overwrite : start anew, whatever is there.

    Raises
    ------
    ConfigError : there is another training of this name; or ``resume`` with settings that change what is learned.
    CheckpointError : its ``…_last.pt`` is damaged; or ``resume`` on other data.
    EmbeddingError : ``resume`` with vectors that were made another way.
    """
    if resume and overwrite:
        raise ConfigError("--resume goes on with a training and --overwrite replaces it.", fix="Give one of them.")
    last = checkpoint_paths(material.root, material.name)["last"]
    if overwrite or not last.exists():
        return Start(config=resolve_settings(config or TrainConfig(), **material.about))
    bundle = _opened(last)
    if resume:
        bundle.require_training()
        return Start(config=_resumed(material, config, bundle), bundle=bundle)
    wanted = resolve_settings(config or TrainConfig(), **material.about)
    if (config or TrainConfig()).precision == "auto":
        wanted = replace(wanted, precision=bundle.config.precision)
    if _phrases_came(material, bundle, config):  # other data, and no other setting
        wanted = replace(wanted, caption_phrases=bundle.config.caption_phrases)
    if not bundle.training:
        raise _refusal(bundle, ["an earlier version of Antiphon made it, and no training can go on from it"])
    data, settings = _other_data(material, bundle, config), _other_settings(bundle.config, wanted)
    if data or settings:
        raise _refusal(bundle, [*data, *settings], anew=bool(data))
    return Start(config=wanted, bundle=bundle)


def decided_start(
    material: Material,
    config: TrainConfig | None,
    *,
    processes: Processes,
    resume: bool,
    overwrite: bool,
    anew: bool,
) -> Start:
    """:func:`find_start`, decided by the first process; the others open the checkpoint that it goes on from.

    Where a library is learned ``anew``, what was begun from other data meanwhile, or with other settings, counts for
    nothing.
    """

    def begin() -> Start:
        try:
            return find_start(material, config, resume=resume, overwrite=overwrite)
        except (ConfigError, CheckpointError):
            if not anew:
                raise
            return find_start(material, config, overwrite=True)

    if processes.size == 1:
        return begin()

    def decide() -> tuple[TrainConfig, bool]:
        found = begin()
        return found.config, found.bundle is not None

    settings, goes_on = processes.same(decide)
    last = checkpoint_paths(material.root, material.name)["last"]
    return Start(config=settings, bundle=Bundle.load(last) if goes_on else None)


def has_other_data(material: Material, config: TrainConfig | None = None) -> bool:
    """Whether there is a training of this name that has learned from other data than there are now.

    Phrases whose vectors have come since are such, where the settings that are asked for leave them to the data.

    Raises
    ------
    CheckpointError : its ``…_last.pt`` is damaged.
    """
    last = checkpoint_paths(material.root, material.name)["last"]
    if not last.exists():
        return False
    bundle = _opened(last)
    return not bundle.training or bool(_other_data(material, bundle, config))


def content_id(*pairs: PairSet | None) -> str:
    """sha256 over raw vectors and who says what: changes when any number of them does."""
    digest = hashlib.sha256()
    for each in pairs:
        for rows in () if each is None else (each.audio, each.text):
            for chunk in rows.chunks():
                digest.update(rows.raw(chunk).numpy().tobytes())
        if each is not None:
            digest.update(each.track_of_caption.tobytes())
    return digest.hexdigest()


def content_of(material: Material) -> str:
    """:func:`content_id` of both splits of a training's data, and of the pairs that judgements leave open."""
    found = content_id(material.train, material.val)
    unsure = material.judged.unsure
    if unsure is None or not len(unsure[0]):
        return found
    return hashlib.sha256(b"".join([found.encode(), *(part.tobytes() for part in unsure)])).hexdigest()


def _opened(last: Path) -> Bundle:
    try:
        return Bundle.load(last)
    except CheckpointError as error:
        raise CheckpointError(
            error.problem, fix="Restore it from a copy, or train anew in its place with --overwrite."
        ) from error


def _phrases_came(material: Material, bundle: Bundle, config: TrainConfig | None) -> bool:
    """Whether captions' phrases would take part now that had no vectors when a training began."""
    asked = config or TrainConfig()
    left = asked.caption_phrases is None and not bundle.config.caption_phrases
    return left and bool(resolve_from_data(asked, **material.about).caption_phrases)


def _other_data(material: Material, bundle: Bundle, config: TrainConfig | None) -> list[str]:
    """What was trained on other data than the library has now, a line each."""
    names = (("encoder", bundle.encoder, material.encoder), ("text", bundle.text_encoder, material.text_encoder))
    found = [f"{key}: {there} there, {now} now" for key, there, now in names if there != now]
    if found:
        return found
    if _other_split(material, bundle):
        found.append("train split: other tracks there than now")
    if _phrases_came(material, bundle, config):
        found.append("phrases of captions: without vectors there, with vectors now")
    try:
        bundle.require(audio=material.audio_provenance, text=material.text_provenance)
    except EmbeddingError as error:
        found.append(error.problem.replace("\n", "\n  "))
    if not found and bundle.training.get("content", material.content) != material.content:
        found.append("vectors: other numbers there than now (embedded or imported again, or pairs judged, since)")
    return found


def _other_split(material: Material, bundle: Bundle) -> bool:
    return bundle.split_fingerprint != material.split_fingerprint or bundle.train_ids != list(material.train_ids)


def _other_settings(there: TrainConfig, now: TrainConfig, *, but: frozenset[str] = OF_THE_MACHINE) -> list[str]:
    changed = [key for key in differing(there, now) if key not in but]
    return [f"{key}: {getattr(there, key)} there, {getattr(now, key)} now" for key in changed]


def _refusal(bundle: Bundle, other: list[str], *, anew: bool = True) -> ConfigError:
    """What differs, and what to do: where the library has changed, to learn from it as it is now."""
    start = Start(config=bundle.config, bundle=bundle)
    unfinished = bundle.training and not start.finished
    state = f"stopped after epoch {bundle.epoch}" if unfinished else "finished"
    lines = "".join(f"\n  {line}" for line in other)
    now = "To learn from the library as it is now: the same command with --overwrite. "
    return ConfigError(
        f"There is another training called '{bundle.run}' already ({state}).{lines}",
        fix=f"{now if anew else ''}To train beside it, give this one a --name; to go on with that one for more epochs, "
        f"--resume{'' if anew else '; to put this one in its place, --overwrite'}.",
    )


def _resumed(material: Material, config: TrainConfig | None, bundle: Bundle) -> TrainConfig:
    """Settings to go on with."""
    where = f"checkpoints/{bundle.name}.pt"
    if _other_split(material, bundle):
        raise CheckpointError(
            f"{where} was trained on another train split than the library has now.",
            fix="Train anew: --overwrite, or beside it: --name NAME.",
        )
    bundle.require(audio=material.audio_provenance, text=material.text_provenance)
    if bundle.training.get("content", material.content) != material.content:
        raise CheckpointError(
            f"{where} was trained on other vectors than the library has now: they were embedded or imported again, or "
            "pairs of the train split were judged since.",
            fix="Train anew: --overwrite, or beside it: --name NAME.",
        )
    if config is None:
        return bundle.config
    wanted = resolve_from_data(config, **material.about)
    if config.caption_phrases is None:  # vectors of phrases may have come since
        wanted = replace(wanted, caption_phrases=bundle.config.caption_phrases)
    if wanted.precision == "auto":
        wanted = replace(wanted, precision=bundle.config.precision)
    changed = _other_settings(bundle.config, wanted, but=MAY_CHANGE)
    if changed:
        raise ConfigError(
            f"{where} was made with other settings." + "".join(f"\n  {line}" for line in changed),
            fix="Resume with the same settings (without --config they are taken from the checkpoint), "
            "or train anew: --overwrite, or beside it: --name NAME.",
        )
    return wanted

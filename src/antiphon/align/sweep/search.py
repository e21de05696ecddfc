"""Try settings within a budget, and say what the winner is worth.

Trials are proposed by Optuna's tree-structured Parzen estimator (Akiba et al. 2019, arXiv:1907.10902), seeded; one that
lies below the median of the others' at the same epoch is given up. Each is a training like any other, in a folder
that is thrown away, judged by the mean of both directions' val MRR of its ``best_r1`` checkpoint. Test is never read.

``runs/NAME/sweep.journal``  every trial as it ends; the same call again carries on from it
``runs/NAME/sweep.json``     all of them, the best settings, and how much of the gain is the luck of the draw
``runs/NAME/sweep.toml``     the best settings, for ``antiphon train --config``
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from antiphon.align.assembly import prepare
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.naming import training_name
from antiphon.align.checkpoint.paths import checkpoint_paths, require_name, run_folder
from antiphon.align.config import TrainConfig, to_toml
from antiphon.align.data.material import Material, read_material, with_phrases
from antiphon.align.sweep.result import SweepResult, Trial
from antiphon.align.sweep.space import Swept, space_for
from antiphon.align.training.cpu import one_thread_if_small
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.setup import resolve_settings
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.commands import as_typed
from antiphon.library.files import write_json, write_text
from antiphon.library.lock import only_writer
from antiphon.library.pairs import Pairs, load_pairs
from antiphon.library.tracks import Library
from antiphon.metrics.selection import Scores, optimism, scores

__all__ = ["SweepResult", "Trial", "sweep"]

STARTUP = 8
"""Trials drawn at random before the estimator has something to go by."""
WARMUP_EPOCHS = 3
"""No trial is given up before this epoch is over."""


@dataclass(eq=False)
class _Bench:
    """What all trials of a sweep share."""

    material: Material
    val: Pairs
    groups: Any
    asked: TrainConfig
    base: TrainConfig
    space: tuple[Swept, ...]
    scores: dict[int, Scores] = field(default_factory=dict)

    def settings(self, tried: dict[str, Any]) -> TrainConfig:
        """The base with other values; what is left to the data is chosen anew: it may depend on them."""
        return resolve_settings(replace(self.asked, **tried), **self.material.about)


def sweep(
    root: Path,
    encoder: str,
    *,
    text: str = "minilm",
    name: str | None = None,
    trials: int = 30,
    minutes: float | None = None,
    config: TrainConfig | None = None,
    seed: int = 0,
    on_trial: Callable[[Trial], None] | None = None,
) -> SweepResult:
    """Search for better settings; nothing but the three files above changes in the library.

    Parameters
    ----------
    root : library folder.
    encoder, text : names of audio (``"muq"``, ``"muq+mert"``) and text vectors that the library has.
    name : of the trainings it is for, under which its files stand; None for the name that they have by themselves.
    trials : in all, those of earlier calls included; the first one is the base settings.
    minutes : no trial is begun after so many, None for no limit. At least one complete trial is made.
    config : the base settings, None for the defaults.
    seed : of the proposals.
    on_trial : called after each trial.

    Raises
    ------
    ConfigError : Optuna is not installed, an earlier sweep was made from other data or settings, or no trial worked.
    LibraryError : vectors or captions are missing, there is no val split to judge by, or another process sweeps.
    KeyboardInterrupt : Ctrl-C; the trials that ended are kept, and the same call carries on.
    """
    if name is not None:
        require_name(name)
    optuna = _optuna()
    if config is not None and config.finetune_text != "none":
        found = f"runs/{name or training_name(Path(root), encoder, text)}/sweep.toml"
        raise ConfigError(
            "A sweep tries settings on frozen text vectors.",
            fix='Sweep with finetune_text = "none"; then fine-tune with what it found: '
            f"antiphon train --encoder {encoder} --config {found} --finetune-text lora",
        )
    if config is not None and config.epochs == 0:
        raise ConfigError(
            "A sweep tries settings of training, and epochs is 0: closed forms alone.", fix="Sweep from epochs = 20."
        )
    if trials < 1 or (minutes is not None and minutes < 0):
        tried = f"{trials} trials" if trials < 1 else f"{minutes:g} minutes"
        raise ConfigError(
            f"A sweep of {tried} tries nothing.", fix="Try some settings, for some time: --sweep 30 --minutes 60"
        )
    name = name or training_name(Path(root), encoder, text)
    bench, deadline = (
        _bench(Path(root), encoder, text, config, name),
        None if minutes is None else time.monotonic() + 60 * minutes,
    )
    folder = run_folder(root, name)
    study = _study(optuna, bench, folder / "sweep.journal", seed)
    with only_writer(folder, "sweeping in"):
        while _ended(study) < trials:
            if deadline is not None and time.monotonic() > deadline and _complete(study):
                break
            done = _one(optuna, study, bench)
            if on_trial is not None:
                on_trial(done)
        return _result(study, bench, folder, seed)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise ConfigError(
            "A sweep needs Optuna, which is not installed.", fix="pip install 'antiphon[sweep]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _bench(root: Path, encoder: str, text: str, config: TrainConfig | None, name: str) -> _Bench:
    asked, library = config or TrainConfig(), Library(root)
    material = read_material(root, encoder, text, name=name, kinds=asked.caption_kinds)
    if material.val is None:
        raise LibraryError(
            f"{as_typed(root)} has no val split: there is nothing to judge settings by.",
            fix="antiphon ingest with a val share.",
        )
    val = load_pairs(library, encoder, text, "val")
    base = resolve_settings(asked, **material.about)
    return _Bench(material, val, library.group_numbers(val.track_ids), asked, base, space_for(base))


def _study(optuna: Any, bench: _Bench, path: Path, seed: int) -> Any:
    """The study of a journal file, begun where there is none; trials that a killed process left behind are put back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    names = [] if not path.exists() else optuna.study.get_all_study_names(journal)
    ended = 0 if not names else len(optuna.load_study(study_name=names[0], storage=journal).trials)
    study = optuna.create_study(
        study_name="sweep",
        storage=journal,
        direction="maximize",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=seed + 1000 * ended, n_startup_trials=STARTUP),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP // 2, n_warmup_steps=WARMUP_EPOCHS),
    )
    made_from, material = study.user_attrs.get("made_from"), bench.material
    wanted = {
        "splits": material.split_fingerprint,
        "audio": material.audio_provenance.fingerprint,
        "text": material.text_provenance.fingerprint,
        "tracks": len(material.train_ids),
        "config": bench.base.to_dict(),
        "seed": seed,
    }
    if made_from is None:
        study.set_user_attr("made_from", wanted)
        study.enqueue_trial({swept.name: getattr(bench.base, swept.name) for swept in bench.space})
    elif made_from != wanted:
        differing = ", ".join(key for key, value in wanted.items() if made_from.get(key) != value)
        raise ConfigError(f"{path} is a sweep of other {differing}.", fix=f"Carry on with the same, or delete {path}.")
    running = optuna.trial.TrialState.RUNNING
    for stale in study.get_trials(states=(running,)):
        study.tell(stale.number, state=optuna.trial.TrialState.FAIL)
        study.enqueue_trial(stale.params)
    return study


def _ended(study: Any) -> int:
    return sum(trial.user_attrs.get("ended", False) for trial in study.trials)


def _complete(study: Any) -> list[Any]:
    return [trial for trial in study.trials if trial.state.name == "COMPLETE"]


def _one(optuna: Any, study: Any, bench: _Bench) -> Trial:
    """Ask for settings, train, and write down what they came to."""
    states, started = optuna.trial.TrialState, time.perf_counter()
    trial = study.ask()
    settings: dict[str, Any] = {swept.name: swept.drawn(trial) for swept in bench.space}
    seen: list[float] = []

    def on_epoch(record: EpochRecord) -> None:
        seen.append(record.mean_mrr or 0.0)
        trial.report(seen[-1], record.epoch)
        if record.epoch < bench.base.epochs and trial.should_prune():
            raise optuna.TrialPruned

    state, value, problem = states.COMPLETE, None, ""
    try:
        found = _trained(bench, bench.settings(settings), on_epoch)
        value = found.mrr()
        trial.set_user_attr("scores", found.to_dict())
    except optuna.TrialPruned:
        state, value = states.PRUNED, seen[-1]
    except ConfigError as error:  # diverged, or settings that exclude one another
        state, problem = states.FAIL, error.problem
    said = {"epochs": len(seen), "seconds": time.perf_counter() - started, "problem": problem, "ended": True}
    for key, content in said.items():
        trial.set_user_attr(key, content)
    study.tell(trial, value if state == states.COMPLETE else None, state=state)
    return _described(study.trials[trial.number])


def _trained(bench: _Bench, config: TrainConfig, on_epoch: Callable[[EpochRecord], None]) -> Scores:
    val = bench.val
    with _scratch() as folder, one_thread_if_small(bench.material, config):
        material = replace(with_phrases(bench.material, config), root=folder)
        prepare(material, replace(config, log_to=())).go(on_epoch)
        bundle = Bundle.load(checkpoint_paths(folder, material.name)["best_r1"])
    text, audio = bundle.score_text(val.text), bundle.score_audio(val.audio)
    return scores(text, audio, val.track_of_caption, val.text_id, bench.groups)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="antiphon-sweep-") as folder:
        yield Path(folder)


def _described(frozen: Any) -> Trial:
    names = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
    notes = frozen.user_attrs
    return Trial(
        number=frozen.number,
        state=names[frozen.state.name],
        mrr=None if frozen.value is None else float(frozen.value),
        settings=dict(frozen.params),
        epochs=notes["epochs"],
        seconds=notes["seconds"],
        problem=notes["problem"],
    )


def _result(study: Any, bench: _Bench, folder: Path, seed: int) -> SweepResult:
    ended = [_described(trial) for trial in study.trials if trial.user_attrs.get("ended", False)]
    complete = _complete(study)
    if not complete:
        reason = next((trial.problem for trial in ended if trial.problem), "every trial was given up")
        raise ConfigError(f"No trial of the sweep was completed: {reason}", fix="Change the base settings (--config).")
    candidates = [Scores.from_dict(trial.user_attrs["scores"]) for trial in complete]
    best = max((t for t in ended if t.state == "complete"), key=lambda t: (t.mrr or 0.0, -t.number))
    result = SweepResult(
        encoder=bench.material.encoder,
        text_encoder=bench.material.text_encoder,
        trials=tuple(ended),
        best=best,
        config=bench.settings(best.settings),
        optimism=optimism(candidates) if complete[0].number == 0 else None,
        space=bench.space,
        seed=seed,
        recipe=folder / "sweep.toml",
        report=folder / "sweep.json",
    )
    write_text(result.recipe, to_toml(result.config))
    write_json(result.report, result.to_dict())
    return result

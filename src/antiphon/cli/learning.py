"""Commands that learn and judge: train, evaluate, compare, diagnose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.config import TrainConfig
from antiphon.align.history import EpochRecord, console_block
from antiphon.align.processes import is_first
from antiphon.align.recipes import settings_from
from antiphon.align.train import TrainResult, train_all
from antiphon.cli.console import JsonOption, LibraryOption, find_checkpoint, note, say, say_json, table
from antiphon.cli.tuning import run_sweeps
from antiphon.errors import LibraryError
from antiphon.evaluate import benchmark
from antiphon.evaluate.compare import compare as compare_encoders
from antiphon.evaluate.diagnose import diagnose as diagnose_encoder
from antiphon.library.tracks import Library

Names = Annotated[list[str], Parameter(consume_multiple=True, negative="")]


def train(
    *,
    encoder: Names,
    text: str = "minilm",
    config: str | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    sweep: int | None = None,
    minutes: float | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Train projection heads for one encoder, several, or all that the library has vectors of.

    Parameters
    ----------
    encoder
        Names of audio encoders, or "all". Names joined by + (muq+mert) train one shared space from several.
    text
        The text encoder whose vectors to train on.
    config
        A TOML file with settings, or a recipe: default, fast, small, large, heads, siglip.
    epochs
        Epochs at most, in place of the setting's.
    seed
        Seed, in place of the setting's.
    resume
        Go on from the last checkpoint; the outcome is that of a run which was never stopped.
    sweep
        Try this many settings instead, judged on val, and write the best as a recipe (needs the extra "sweep").
    minutes
        Begin no further setting of a sweep after so many minutes.
    quiet
        Print the best epoch of each encoder only.
    json
        Print one JSON object an encoder at the end; epochs go to stderr.
    library
        The library's folder.
    """
    settings = _settings(config, epochs=epochs, seed=seed, resume=resume)
    if sweep is not None:
        chosen_names = Library(library).embedded("audio") if encoder == ["all"] else encoder
        run_sweeps(
            library,
            chosen_names,
            text=text,
            config=settings,
            trials=sweep,
            minutes=minutes,
            seed=seed or 0,
            json=json,
        )
        return
    limit = (settings or TrainConfig()).epochs
    print_line = note if json else say

    def on_epoch(name: str, record: EpochRecord) -> None:
        if not quiet:
            print_line([*([f"{name}:"] if record.epoch == 1 else []), console_block(record, limit)])

    chosen = "all" if encoder == ["all"] else encoder
    results = train_all(library, chosen, text=text, config=settings, resume=resume, on_epoch=on_epoch)
    if not is_first():
        return
    if json:
        say_json([_summary(result) for result in results.values()])
        return
    for result in results.values():
        say(_summary_lines(result))
    note("Next: antiphon compare, then antiphon diagnose")


def _settings(config: str | None, *, epochs: int | None, seed: int | None, resume: bool) -> TrainConfig | None:
    """The settings asked for; None leaves them to the checkpoint that is resumed."""
    if config is None and epochs is None and seed is None and resume:
        return None
    settings = settings_from(config) if config else TrainConfig()
    if epochs is not None:
        settings = replace(settings, epochs=epochs)
    return settings if seed is None else replace(settings, seed=seed)


def _best(result: TrainResult) -> EpochRecord:
    return next(record for record in result.history if record.epoch == result.best_epoch)


def _summary(result: TrainResult) -> dict[str, object]:
    return {
        "encoder": result.encoder,
        "epochs": len(result.history),
        "best_epoch": result.best_epoch,
        "stopped_early": result.stopped_early,
        "seconds": result.seconds,
        "checkpoints": {kind: str(path) for kind, path in result.checkpoints.items()},
        "left_out": result.left_out,
        "closed_form_val_MRR": result.closed_form_mrr,
        "best": _best(result).to_dict(),
    }


def _summary_lines(result: TrainResult) -> list[str]:
    best = _best(result)
    lines = [f"{result.encoder}: {len(result.history)} epochs in {result.seconds:.1f} s; best is epoch {best.epoch}"]
    if best.val is not None:
        t2a = best.val["t2a"]
        lines[0] += f": val t2a R@1 {t2a['R@1']:.2f}%, R@10 {t2a['R@10']:.2f}%, MRR {t2a['MRR']:.4f}"
    if result.closed_form_mrr is not None and best.mean_mrr is not None:
        gain = best.mean_mrr - result.closed_form_mrr
        said = "training adds" if gain > 0 else "training did NOT beat them:"
        lines.append(
            f"  Mean val MRR {best.mean_mrr:.4f}; closed forms {result.closed_form_mrr:.4f}: {said} {gain:+.4f}."
        )
    if result.stopped_early:
        lines.append("  Stopped early: val MRR had not risen for the patience of this run.")
    if result.left_out:
        lines.append(f"  {len(result.left_out)} tracks took no part: {next(iter(result.left_out.values()))}, …")
    return lines


def evaluate(
    checkpoint: Path,
    *,
    split: str = "test",
    baselines: bool = True,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Measure a checkpoint on a split, with chance, 95 % intervals and baselines beside it.

    Parameters
    ----------
    checkpoint
        A checkpoint file such as checkpoints/muq_best_r1.pt, or an encoder's name for its best.
    split
        train, val or test. The test split is the final benchmark.
    baselines
        Fit ridge regression and CCA on the same vectors.
    json
        Print the result as JSON.
    library
        The library's folder.
    """
    result = benchmark.evaluate(library, find_checkpoint(library, checkpoint), split=split, baselines=baselines)
    if json:
        say_json(result)
    else:
        say(benchmark.lines(result))


def compare(*, split: str = "test", json: JsonOption = False, library: LibraryOption = Path()) -> None:
    """The encoder table: which one retrieves best here, and is it sure.

    Also writes comparison.md, comparison.csv and comparison.json into the library.

    Parameters
    ----------
    split
        Which split to compare on.
    json
        Print the comparison as JSON.
    library
        The library's folder.
    """
    comparison = compare_encoders(library, split=split)
    comparison.write(library)
    if json:
        say(comparison.to_json())
        return
    headings, rows = comparison.table()
    spare = ("search ms", "train s", "a2t MRR (95 %)", "t2a MRR (95 %)", "embed/min")
    table(headings[:-1], [row[:-1] for row in rows], right=headings[1:-1], spare=spare)
    titles = [f"  {row.name}: {'; '.join(row.best_for)}" for row in comparison.rows if row.best_for]
    say(["", "Best for:", *titles, "", *comparison.lines()])


def diagnose(*, encoder: str | None = None, json: JsonOption = False, library: LibraryOption = Path()) -> None:
    """The training doctor: what the history says and what to do.

    Parameters
    ----------
    encoder
        Whose training. Default: every encoder that was trained here.
    json
        Print the findings as JSON.
    library
        The library's folder.
    """
    trained = sorted(path.parent.name for path in (Library(library).root / "runs").glob("*/history.jsonl"))
    names = [encoder] if encoder else trained
    if not names:
        raise LibraryError(f"Nothing was trained in {library} yet.", fix=f"antiphon train --encoder all -l {library}")
    diagnoses = [diagnose_encoder(library, name) for name in names]
    if json:
        say_json([diagnosis.to_dict() for diagnosis in diagnoses])
        return
    for diagnosis in diagnoses:
        say(diagnosis.lines())

"""What ``antiphon evaluate`` does beside measuring a checkpoint on a split: results in TREC's form, folds, a curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from antiphon.cli.output.console import note, say, say_json
from antiphon.cli.output.table_files import give
from antiphon.errors import ConfigError
from antiphon.evaluate.folds.cross_validation import CrossValidation, cross_validate, require_several
from antiphon.evaluate.folds.learning_curve import LearningCurve, learning_curve
from antiphon.evaluate.per_query.whole_lists import required_ks
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.evaluate.tables.written import Format
from antiphon.evaluate.trec.judged import judge_run, judged_lines
from antiphon.evaluate.trec.written import write_qrels, write_run
from antiphon.metrics.figures import KS


def judge_and_say(run: Path, qrels: Path | None, *, k: Sequence[int] | None, json: bool) -> None:
    """Antiphon's figures of a run of any system.

    Raises
    ------
    ConfigError : there are no qrels.
    """
    if qrels is None:
        raise ConfigError("--judge-run needs the right answers.", fix="Name them: --qrels FILE.")
    result = judge_run(run, qrels, ks=KS if k is None else required_ks(k))
    if json:
        say_json(result)
    else:
        say(judged_lines(result))


def write_and_say(vectors: SplitVectors, tag: str, *, qrels: Path | None, run: Path | None) -> None:
    """Write what was asked for in TREC's form, and say where it is."""
    written = [] if qrels is None else write_qrels(qrels, vectors)
    written += [] if run is None else write_run(run, vectors, tag)
    if written:
        note(f"In TREC's form: {', '.join(map(str, written))}.")


def refit_and_say(
    library: Path, checkpoint: Path, *, folds: int | None, curve: bool, form: Format | None, out: Path | None
) -> None:
    """Grouped folds of a training, or its learning curve: progress to stderr, the result to stdout or a file."""
    if folds is not None:
        require_several(folds)
    found: CrossValidation | LearningCurve
    if curve:
        found = learning_curve(library, checkpoint, folds=folds or 0, tell=note)
    else:
        found = cross_validate(library, checkpoint, folds=folds or 0, tell=note)
    give(found, form, out, lambda: say(found.lines()))


def require_alone(asked: str, others: Mapping[str, bool]) -> None:
    """Refuse options that would mean nothing beside another one.

    Parameters
    ----------
    others : option → whether it was given.

    Raises
    ------
    ConfigError : one was.
    """
    given = [option for option, there in others.items() if there]
    if given:
        raise ConfigError(
            f"{asked} trains again and asks every captioned track: {' and '.join(given)} has no meaning there.",
            fix=f"Leave out {' and '.join(given)}, or {asked}.",
        )

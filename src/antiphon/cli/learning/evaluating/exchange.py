"""Results in TREC's form: ``evaluate --qrels --run`` writes them, ``evaluate --judge-run`` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antiphon.cli.output.console import note, say, say_json
from antiphon.errors import ConfigError
from antiphon.evaluate.per_query.whole_lists import required_ks
from antiphon.evaluate.split_vectors import SplitVectors
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

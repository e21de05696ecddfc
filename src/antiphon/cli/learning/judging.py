"""Commands that judge one training: evaluate, diagnose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.cli.arguments.numbers import whole_numbers
from antiphon.cli.learning.evaluating import judge_and_say, refit_and_say, require_alone, write_and_say
from antiphon.cli.output.console import JsonOption, LibraryOption, Split, note, say, say_json
from antiphon.cli.output.results import OutFile, ResultFile
from antiphon.cli.output.table_files import FormatOption, form_asked, give
from antiphon.errors import LibraryError
from antiphon.evaluate import benchmark
from antiphon.evaluate.console import (
    evaluation_lines,
)
from antiphon.evaluate.doctor.diagnose import diagnose as diagnose_training
from antiphon.evaluate.doctor.gather import diagnosable
from antiphon.evaluate.per_query.files import write_table, writer
from antiphon.evaluate.per_query.results import query_results
from antiphon.evaluate.protocols.protocol import DEFAULT
from antiphon.evaluate.tables.systems import SystemsTable
from antiphon.library.commands import as_typed
from antiphon.library.next_step import towards_training
from antiphon.library.tracks import Library
from antiphon.printed import counted
from antiphon.search.checkpoints import best_checkpoint


def evaluate(
    checkpoint: Path | None = None,
    *,
    split: Split = "test",
    baselines: bool = True,
    every_query: Annotated[bool, Parameter(negative="")] = False,
    k: Annotated[
        tuple[int, ...] | None, Parameter(name="--k", consume_multiple=True, negative="", converter=whole_numbers)
    ] = None,
    protocol: str = DEFAULT,
    per_query: ResultFile = None,
    qrels: ResultFile = None,
    run: ResultFile = None,
    judge_run: Path | None = None,
    folds: int | None = None,
    typed: bool = True,
    learning_curve: Annotated[bool, Parameter(negative="")] = False,
    form: FormatOption = None,
    out: OutFile = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Measure a checkpoint on a split, with chance, 95 % intervals and baselines beside it.

    Parameters
    ----------
    checkpoint
        A checkpoint file such as checkpoints/muq_best_r1.pt, or the name of a training for its best. Default: the
        best of all, on val.
    split
        Which split is asked. The test split is the final benchmark.
    baselines
        Show ridge regression and CCA on the same vectors, and the native text tower where the encoder has one.
    every_query
        Ask the baselines every query, and choose their settings on all of val, where by default a sample of a large
        split is enough. The checkpoint itself is always asked everything.
    k
        K of figures at K (--k 1 5 10 50): R@K of these, too, and success, recall, precision, mAP and nDCG at each K,
        with chance, ceiling and interval.
    protocol
        Who asks and what is right: each-caption, one-caption, best-of-captions, own-track (as mteb), or a public set:
        song-describer-valid, song-describer-all, musiccaps-eval, musiccaps-mteb, musiccaps-all. A library that is not
        that set is refused.
    per_query
        Write one row a query, both directions, to this file (.parquet, .csv or .jsonl): its rank, its best correct
        answer and the best wrong one, with their scores.
    qrels
        Write what is correct to this file, in TREC's form, text to audio (audio to text: NAME_a2t beside it). With
        --judge-run it is read.
    run
        Write what the checkpoint finds, the first 1,000 of each query, likewise; tools of TREC judge it by --qrels.
    judge_run
        Give Antiphon's figures of this run of any system, by the right answers in --qrels. No library is needed.
    folds
        Train its recipe again in so many grouped folds (5), so that every captioned track is a test track once: one
        figure a direction, far surer than that of a small test split. The library stays as it is; what is done is
        kept, so that a stopped run goes on.
    learning_curve
        Train its recipe again on 10, 20, 40, 80 and 100 % of the captions, and say what more of them would bring; with
        --folds in each fold, which is surer.
    typed
        Ask what people type, too: tags, two words, a question, an exclusion, made of the split's captions and
        metadata. It takes the time to load the text encoder, and a second or two.
    form
        Print the table as markdown, csv, json or latex (booktabs).
    out
        Write it to this file (.md, .csv, .json, .tex).
    json
        Print the result as JSON.
    library
        The library's folder.
    """
    if judge_run is not None:
        judge_and_say(judge_run, qrels, k=k, json=json)
        return
    if per_query is not None:
        writer(per_query)
    asked = form_asked(form, out, json=json)
    path = best_checkpoint(library) if checkpoint is None else find_checkpoint(library, checkpoint)
    if folds is not None or learning_curve:
        others = {"--split": split != "test", "--no-baselines": not baselines, "--every-query": every_query}
        others |= {"--per-query": per_query is not None, "--k": k is not None}
        others |= {"--protocol": protocol != DEFAULT, "--qrels": qrels is not None, "--run": run is not None}
        require_alone("--learning-curve" if learning_curve else "--folds", others)
        refit_and_say(library, path, folds=folds, curve=learning_curve, form=asked, out=out)
        return
    found = benchmark.measure(
        library, path, split=split, baselines=baselines, every_query=every_query, typed=typed, ks=k, protocol=protocol
    )
    write_and_say(found.vectors, found.figures["checkpoint"], qrels=qrels, run=run)
    if per_query is not None:
        both = query_results(Library(library), found.vectors, found.ranked)
        write_table(per_query, both.columns())
        note(f"{per_query}: {counted(len(both.t2a) + len(both.a2t), 'query', 'queries')}.")
    result = SystemsTable(title=f"{found.figures['checkpoint']} on {split}", found=found.figures)
    give(result, asked, out, lambda: say(evaluation_lines(found.figures)))


def diagnose(
    name: Annotated[str | None, Parameter(name=["--name", "--encoder"])] = None,
    *,
    full: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """The training doctor: what the history says and what to do.

    Parameters
    ----------
    name
        A training (its encoder's name, unless it was given another) or a fusion (muq,mert). Default: all of them.
    full
        Give the evidence of what is well, too.
    json
        Print the findings as JSON.
    library
        The library's folder.
    """
    names = [name] if name else diagnosable(Library(library).root)
    if not names:
        raise LibraryError(f"Nothing was trained in {as_typed(library)} yet.", fix=towards_training(Library(library)))
    diagnoses = [diagnose_training(library, each) for each in names]
    if json:
        say_json([diagnosis.to_dict() for diagnosis in diagnoses])
        return
    for i, diagnosis in enumerate(diagnoses):
        say([*([""] if i else []), *diagnosis.lines(full=full)])

"""Commands that judge what was trained: evaluate, compare, diagnose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.cli.learning.refitting import refit_and_say, require_alone
from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json, table
from antiphon.errors import LibraryError
from antiphon.evaluate import benchmark
from antiphon.evaluate.compare.paired import compare as compare_encoders
from antiphon.evaluate.console import (
    evaluation_lines,
)
from antiphon.evaluate.doctor.diagnose import diagnose as diagnose_training
from antiphon.evaluate.doctor.gather import diagnosable
from antiphon.evaluate.per_query.files import write_table, writer
from antiphon.evaluate.per_query.results import query_results
from antiphon.library.commands import place
from antiphon.library.next_step import towards_training
from antiphon.library.tracks import Library
from antiphon.search.searcher import best_checkpoint


def evaluate(
    checkpoint: Path | None = None,
    *,
    split: str = "test",
    baselines: bool = True,
    every_query: Annotated[bool, Parameter(negative="")] = False,
    k: Annotated[tuple[int, ...] | None, Parameter(name="--k", consume_multiple=True, negative="")] = None,
    per_query: Path | None = None,
    folds: int | None = None,
    typed: bool = True,
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
        train, val or test. The test split is the final benchmark.
    baselines
        Show ridge regression and CCA on the same vectors, and the native text tower where the encoder has one.
    every_query
        Ask the baselines every query, and choose their settings on all of val, where by default a sample of a large
        split is enough. The checkpoint itself is always asked everything.
    k
        K of figures at K (--k 1 5 10 50): R@K of these, too, and success, recall, precision, mAP and nDCG at each K,
        with chance, ceiling and interval.
    per_query
        Write one row a query, both directions, to this file (.parquet, .csv or .jsonl): its rank, its best correct
        answer and the best wrong one, with their scores.
    folds
        Train its recipe again in so many grouped folds (5), so that every captioned track is a test track once: one
        figure a direction, far surer than that of a small test split. The library stays as it is; what is done is
        kept, so that a stopped run goes on.
    typed
        Ask what people type, too: tags, two words, a question, an exclusion, made of the split's captions and
        metadata. It takes the time to load the text encoder, and a second or two.
    json
        Print the result as JSON.
    library
        The library's folder.
    """
    if per_query is not None:
        writer(per_query)
    path = best_checkpoint(library) if checkpoint is None else find_checkpoint(library, checkpoint)
    if folds is not None:
        others = {"--split": split != "test", "--no-baselines": not baselines, "--every-query": every_query}
        others |= {"--per-query": per_query is not None, "--no-typed": not typed, "--k": k is not None}
        require_alone("--folds", others)
        refit_and_say(library, path, folds=folds, json=json)
        return
    found = benchmark.measure(
        library, path, split=split, baselines=baselines, every_query=every_query, typed=typed, ks=k
    )
    if per_query is not None:
        both = query_results(Library(library), found.vectors, found.ranked)
        write_table(per_query, both.columns())
        note(f"{len(both.t2a) + len(both.a2t):,} queries are in {per_query}.")
    if json:
        say_json(found.figures)
    else:
        say(evaluation_lines(found.figures))


def compare(*, split: str = "test", json: JsonOption = False, library: LibraryOption = Path()) -> None:
    """The encoder table: which one retrieves best here, and whether the difference is significant.

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
    try:
        comparison.write(library)
    except OSError as error:
        note(f"Warning: the comparison is shown, but not written: {error.filename}: {error.strerror}.")
    if json:
        say_json(comparison.to_dict())
        return
    headings, rows = comparison.table()
    spare = ("search ms", "train s", "a2t MRR (95 %)", "t2a MRR (95 %)", "embed/min", "kB a track", "cold s", "text MB")
    right = [heading for heading in headings[1:-1] if heading != "text"]
    table(headings[:-1], [row[:-1] for row in rows], right=right, spare=spare)
    titles = [f"  {row.name}: {'; '.join(row.best_for)}" for row in comparison.rows if row.best_for]
    say(["", "Best for:", *titles, "", *comparison.lines()])


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
        Of a training (its encoder's, unless it was given another) or of a fusion (muq,mert). Default: all of them.
    full
        Give the evidence of what is well, too.
    json
        Print the findings as JSON.
    library
        The library's folder.
    """
    names = [name] if name else diagnosable(Library(library).root)
    if not names:
        raise LibraryError(f"Nothing was trained in {place(library)} yet.", fix=towards_training(Library(library)))
    diagnoses = [diagnose_training(library, each) for each in names]
    if json:
        say_json([diagnosis.to_dict() for diagnosis in diagnoses])
        return
    for i, diagnosis in enumerate(diagnoses):
        say([*([""] if i else []), *diagnosis.lines(full=full)])

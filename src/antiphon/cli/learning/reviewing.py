"""The command review: the wrong answers that look right, judged by a person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.cli.learning.review_terminal import Player, key_reader, review_in_terminal
from antiphon.cli.output.console import JsonOption, LibraryOption, Split, note, say, say_json
from antiphon.cli.output.results import ResultFile
from antiphon.errors import ConfigError
from antiphon.evaluate.review.candidates import LIMIT
from antiphon.evaluate.review.page.server import ReviewServer
from antiphon.evaluate.review.qrels import write_qrels
from antiphon.evaluate.review.queue import ReviewQueue, open_review
from antiphon.library.judgements.exchange import judgements_from_file
from antiphon.library.judgements.file import append_judgements, read_judgements
from antiphon.library.tracks import Library
from antiphon.printed import counted
from antiphon.search.checkpoints import best_checkpoint


def review(
    checkpoint: Path | None = None,
    *,
    split: Split = "test",
    graded: Annotated[bool, Parameter(negative="")] = False,
    page: Annotated[bool, Parameter(negative="")] = False,
    port: int = 0,
    by: str | None = None,
    limit: Annotated[int, Parameter(name=["--limit", "-k"])] = LIMIT,
    import_file: Annotated[Path | None, Parameter(name="--import")] = None,
    qrels: ResultFile = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Judge the wrong answers that look right, the most doubtful first.

    Shows pairs of a caption and a track that no caption puts together, although they stand above the right answer or
    right behind it. What you say is kept in judgements.jsonl: evaluate counts it, and train learns from it.

    Parameters
    ----------
    checkpoint
        A checkpoint file, or the name of a training. Default: the best of all, on val.
    split
        Whose captions and tracks. Judgements about test make the figures right; those about train teach the next
        training, those about val and test never do.
    graded
        Ask for a grade from 0 to 3 in place of same and different.
    page
        Serve a page with players to the browser on this machine, until Ctrl-C.
    port
        Where the page is served on 127.0.0.1. Default: any port that is free.
    by
        Who judges, to be stored beside each verdict. Default: the name of the user at this machine.
    limit
        How many pairs at most.
    import_file
        Take verdicts from a CSV or JSONL file with the columns query_id or query, track_id, verdict or grade.
    qrels
        Write what is relevant to each caption of the split to this file, in TREC's form, and ask nothing.
    json
        List the pairs as JSON, and ask nothing.
    library
        The library's folder.
    """
    if limit < 1:
        raise ConfigError(f"--limit {limit} leaves nothing to judge.", fix="--limit 20 asks about twenty pairs.")
    if import_file is not None:
        _import(library, import_file, by or "")
        return
    if qrels is not None:
        _write_qrels(library, split, qrels)
        return
    queue = _queue(library, checkpoint, split, by, limit)
    if json:
        say_json([queue.shelf.described(candidate) for candidate in queue.candidates])
        note(queue.remarks)
    elif not queue.candidates:
        say([*queue.remarks, f"Nothing to judge: no wrong answer of the {split} split is left."])
    elif page:
        _serve(queue, port, graded=graded)
    else:
        review_in_terminal(queue, key_reader(), Player(), graded=graded)


def _queue(library: Path, checkpoint: Path | None, split: str, by: str | None, limit: int) -> ReviewQueue:
    path = best_checkpoint(library) if checkpoint is None else find_checkpoint(library, checkpoint)
    return open_review(library, path, split, by=by, limit=limit)


def _serve(queue: ReviewQueue, port: int, *, graded: bool) -> None:
    """Serve the page until Ctrl-C."""
    try:
        server = ReviewServer(queue, graded=graded, port=port)
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"The page cannot be served on port {port}: {str(error).rstrip('.')}.",
            fix="Name another --port, or none for any.",
        ) from error
    say([*queue.remarks, f"{counted(len(queue.candidates), 'pair')} to judge, in a browser on this machine:"])
    say([f"  {server.guard.address}", "Ctrl-C ends it; every verdict is stored as it is given."])
    sys.stdout.flush()
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say(f"{len(queue.verdicts)} judged, stored in judgements.jsonl.")


def _write_qrels(root: Path, split: str, path: Path) -> None:
    library = Library(root)
    written = write_qrels(library, read_judgements(library.root), split, path)
    say(f"{counted(written.lines, 'line')} in {path}, {written.judged} of them judged; the others are captions' own.")


def _import(root: Path, path: Path, by: str) -> None:
    found = judgements_from_file(Library(root), path, by=by)
    append_judgements(root, found)
    say(f"{counted(len(found), 'judgement')} taken from {path}.")

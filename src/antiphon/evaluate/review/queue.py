"""Candidates one by one: what is shown, what was said, one back; each verdict is stored as it is given."""

from __future__ import annotations

import getpass
from collections import Counter
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.evaluate.review.candidates import LIMIT, Candidate, find_candidates
from antiphon.evaluate.review.shown import Shelf
from antiphon.evaluate.split_vectors import Splits
from antiphon.library.judgements.file import Judgements, append_judgements, read_judgements
from antiphon.library.judgements.judgement import Judgement, Verdict, graded, now
from antiphon.library.tracks import Library
from antiphon.printed import counted


class ReviewQueue:
    """A queue of candidates of one library.

    Parameters
    ----------
    library : whose ``judgements.jsonl`` takes the verdicts.
    candidates : the most doubtful first.
    by : who judges.
    remarks : what is to be said before the first.
    """

    def __init__(
        self, library: Library, candidates: list[Candidate], *, by: str = "", remarks: tuple[str, ...] = ()
    ) -> None:
        self.library = library
        self.candidates = candidates
        self.shelf = Shelf(library)
        self.by = by
        self.remarks = remarks
        self.place = 0
        self.verdicts: dict[int, Verdict] = {}

    @property
    def current(self) -> Candidate | None:
        """The candidate that is being asked about; None behind the last."""
        return self.candidates[self.place] if self.place < len(self.candidates) else None

    def judge(self, verdict: Verdict, grade: int | None = None) -> Judgement:
        """Store a verdict about the current candidate, and go on to the next."""
        stored = self.judge_at(self.place, verdict, grade)
        self.place += 1
        return stored

    def judge_at(self, place: int, verdict: Verdict, grade: int | None = None) -> Judgement:
        """Store a verdict about the candidate at ``place``; IndexError where there is none."""
        if not 0 <= place < len(self.candidates):
            raise IndexError(place)
        candidate = self.candidates[place]
        judgement = Judgement(
            query=candidate.query,
            query_id=candidate.query_id,
            track_id=candidate.track_id,
            verdict=verdict if grade is None else graded(grade),
            grade=grade,
            by=self.by,
            time=now(),
        )
        append_judgements(self.library.root, [judgement])
        self.verdicts[place] = judgement.verdict
        return judgement

    def back(self) -> bool:
        """Go back to the one before, to judge it again; False at the first."""
        self.place = max(self.place - 1, 0)
        return self.place < len(self.candidates)

    def progress(self) -> str:
        """How far it is: ``"3 of 41 (2 judged: 1 same, 1 unsure)"``."""
        said = Counter(self.verdicts.values())
        kinds = ", ".join(f"{number} {verdict}" for verdict, number in sorted(said.items()))
        judged = f" ({len(self.verdicts)} judged: {kinds})" if kinds else ""
        return f"{min(self.place + 1, len(self.candidates))} of {len(self.candidates)}{judged}"


def open_review(
    root: Path, checkpoint: Path, split: str = "test", *, by: str | None = None, limit: int = LIMIT
) -> ReviewQueue:
    """The wrong answers of a checkpoint on a split that nobody judged yet, the most doubtful first.

    Parameters
    ----------
    root : library folder.
    checkpoint : a ``.pt`` file.
    by : who judges; None for the name of the user at the machine.
    limit : of candidates.

    Raises
    ------
    LibraryError : vectors are missing, the split is empty, or ``judgements.jsonl`` is damaged.
    CheckpointError, EmbeddingError : as :meth:`antiphon.evaluate.split_vectors.Splits.vectors`.
    """
    splits = Splits(Path(root))
    judgements = read_judgements(splits.library.root)
    candidates = find_candidates(splits.vectors(Bundle.load(checkpoint), split), judgements.latest, limit=limit)
    return ReviewQueue(
        splits.library, candidates, by=user_name() if by is None else by, remarks=remarks_on(splits.library, judgements)
    )


def remarks_on(library: Library, judgements: Judgements) -> tuple[str, ...]:
    """What is to be said of the judgements that are there, a sentence each."""
    said = [*judgements.remarks]
    if len(judgements):
        said.append(f"{counted(len(judgements), 'pair was', 'pairs were')} judged before.")
    gone = sum(track_id not in library.row_of_track for _, track_id in judgements.latest)
    if gone:
        said.append(f"{counted(gone, 'of them is', 'of them are')} about tracks that left the library: not counted.")
    return tuple(said)


def user_name() -> str:
    """Who is at the machine, as the system says; "" where it does not."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""

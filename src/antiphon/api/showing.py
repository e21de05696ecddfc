"""What a library shows of what it learned, beyond one split: folds over all captioned tracks, and the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from antiphon.api.arguments import PathLike, as_count, as_names, as_path, as_seed
from antiphon.api.folder import CheckpointLike, LibraryFolder

if TYPE_CHECKING:
    from antiphon.evaluate.folds.cross_validation import CrossValidation
    from antiphon.evaluate.report.report import WrittenReport


class ShowingVerbs(LibraryFolder):
    """The part of :class:`antiphon.Library` that shows what was learned at length."""

    def folds(
        self,
        checkpoint: CheckpointLike | None = None,
        *,
        folds: int = 5,
        resamples: int = 1000,
        seed: int = 0,
        on_fold: Callable[[str], None] | None = None,
    ) -> CrossValidation:
        """A training's recipe again in grouped folds, so that every captioned track is a test track once.

        One figure a direction over all captioned tracks, far surer than that of a small test split. The library stays
        as it is; finished folds are kept, so the same call again goes on, or is over at once.

        Parameters
        ----------
        checkpoint : whose recipe: the name of a training, a file, a model, or what a training returned; None for the
            best on val.
        folds : how many, 2 or more; groups stay whole.
        resamples, seed : of the intervals and paired tests, 100 resamples at least; the seed also of the folds.
        on_fold : is told, in a sentence, how long it will take and each fold that is done.

        Raises
        ------
        CheckpointError : there is no such checkpoint.
        ConfigError : fewer than two folds, or fewer groups than folds.
        LibraryError : vectors are missing, or another process is at it.

        Examples
        --------
        >>> found = library.folds("timbre", folds=2, resamples=100)
        >>> found.figures["n_tracks"], found.figures["t2a"]["n_queries"]
        (96, 190)
        >>> [fold["fold"] for fold in found.figures["of_folds"]]
        [1, 2]
        """
        from antiphon.evaluate.folds.cross_validation import cross_validate

        number = as_count(folds, "folds")
        tell = on_fold or (lambda _: None)
        path = self._checkpoint(checkpoint)
        return cross_validate(self.root, path, folds=number, resamples=resamples, seed=as_seed(seed), tell=tell)

    def report(
        self,
        names: str | Sequence[str],
        out: PathLike | None = None,
        *,
        split: str = "test",
        audio_mb: float = 3.0,
    ) -> WrittenReport:
        """One page about trainings, a single file that opens offline in any browser; needs the extra "report".

        Parameters
        ----------
        names : of trainings or fusions; the first is looked at closely, of others curves and findings stand beside it.
        out : the file; None for ``report.html`` in the library.
        split : which one figures, ranks, map and queries are of.
        audio_mb : room for excerpts of the tracks that are shown, in MB; 0 leaves sound out. Whoever gets the file gets
            them, and titles and captions, too.

        Raises
        ------
        ConfigError : the extra is not installed, or ``out`` is a folder.
        CheckpointError : there is no such training.
        LibraryError : vectors are missing, or the split is empty.

        Examples
        --------
        >>> written = library.report("timbre", audio_mb=0)
        >>> written.path.name, written.bytes > 100_000
        ('report.html', True)
        """
        from antiphon.evaluate.report.report import report

        trainings = as_names(names, "The trainings' names")
        where = None if out is None else as_path(out, "The report's file")
        return report(self.root, trainings, where, split=split, audio_mb=audio_mb)

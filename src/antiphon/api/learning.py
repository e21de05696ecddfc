"""What a library teaches: training, fusion, and what both are worth."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from antiphon.api.arguments import (
    PathLike,
    as_count,
    as_counts,
    as_names,
    as_numbers,
    as_path,
    as_seed,
    as_text,
    value_and_type,
)
from antiphon.api.folder import CheckpointLike, LibraryFolder
from antiphon.errors import AntiphonWarning, ArgumentError, ConfigError

if TYPE_CHECKING:
    from antiphon.align.config import TrainConfig
    from antiphon.align.ensemble.fusion_result import FuseResult
    from antiphon.align.train_result import TrainResult
    from antiphon.align.training.results.history import EpochRecord
    from antiphon.api.evaluation import Evaluation
    from antiphon.evaluate.compare.table import Comparison
    from antiphon.evaluate.doctor.diagnose import Diagnosis

ConfigLike: TypeAlias = "str | PathLike | TrainConfig"


class LearningVerbs(LibraryFolder):
    """The part of :class:`antiphon.Library` that trains, and says what came of it."""

    def train(
        self,
        encoder: str,
        *,
        text: str | None = None,
        name: str | None = None,
        config: ConfigLike | None = None,
        resume: bool = False,
        overwrite: bool = False,
        on_epoch: Callable[[EpochRecord], None] | None = None,
        **settings: Any,
    ) -> TrainResult:
        """Train text and audio heads for one encoder, judged on val after each epoch.

        Parameters
        ----------
        encoder : an audio encoder that the library has vectors of; ``"muq+mert"`` for one space from several.
        text : the text encoder whose vectors to train on, ``"minilm+mpnet"`` for several side by side; None for
            minilm, joined to mpnet where that has read the captions.
        name : what to call the training, so that several of one encoder stand side by side; None for the encoder's.
        config : a recipe's name (``"fast"``), a TOML file, or :class:`antiphon.TrainConfig`; None for the defaults.
        resume : go on with a training, also a finished one, with more epochs.
        overwrite : train anew in the place of a training of the same name.
        on_epoch : called with each epoch's figures; its files are written beside the next epoch.
        settings : single settings in place of the configuration's: ``epochs=10``, ``seed=1``; see
            ``docs/reference/config.md``.

        The same call again goes on with what was interrupted; what is finished is left as it is.

        Raises
        ------
        ConfigError : a setting is unknown or out of range, or there is a training of this name with other settings.
        LibraryError : vectors or captions are missing.

        Warns
        -----
        AntiphonWarning : the text encoder has not read all captions: those teach nothing.

        Examples
        --------
        >>> training = library.train("timbre", name="timbre-fast", config="fast", seed=1)
        >>> training.checkpoints["best_r1"].name
        'timbre-fast_best_r1.pt'
        >>> library.train("timbre", name="timbre-fast", config="fast", seed=1).finished_before
        True
        """
        from antiphon.align.train import train
        from antiphon.library.next_step import unread_lines
        from antiphon.library.tracks import Library

        words = None if text is None else as_text(text, "The text encoder's name")
        for line in unread_lines(Library(self.root), None if words is None else [words]):
            warnings.warn(line, AntiphonWarning, stacklevel=2)
        return train(
            self.root,
            as_text(encoder, "The encoder's name"),
            text=words,
            name=None if name is None else as_text(name, "The training's name"),
            config=None if config is None and not settings and resume else _settings(config, settings),
            resume=resume,
            overwrite=overwrite,
            on_epoch=on_epoch,
        )

    def fuse(self, encoders: Sequence[str], *, shares: Sequence[float] | None = None) -> FuseResult:
        """Combine the best checkpoints of several trained encoders into one, their shares chosen on val.

        Parameters
        ----------
        encoders : two to eight names.
        shares : how much each counts, in place of choosing.

        Raises
        ------
        ConfigError : too few or too many encoders, or shares that do not fit them.
        CheckpointError : one was not trained, or on other splits than the others.

        Examples
        --------
        >>> library.fuse(["timbre", "rhythm"]).checkpoint.name
        'timbre,rhythm_best_r1.pt'
        """
        from antiphon.align.ensemble.late_fusion import fuse

        if isinstance(encoders, str):
            raise ArgumentError(f"A fusion takes a list of encoders, not {value_and_type(encoders)}.")
        chosen = None if shares is None else as_numbers(shares, "shares")
        return fuse(self.root, as_names(encoders, "encoders"), shares=chosen)

    def evaluate(
        self,
        checkpoint: CheckpointLike | None = None,
        *,
        split: str = "test",
        baselines: bool | Literal["quick"] = True,
        every_query: bool = False,
        typed: bool = False,
        k: int | Sequence[int] | None = None,
        protocol: str = "each-caption",
        resamples: int = 1000,
        seed: int = 0,
    ) -> Evaluation:
        """Measure a checkpoint on a split: every figure with chance and its 95 % interval, beside baselines.

        Parameters
        ----------
        checkpoint : the name of a training, a file, a model, or what a training returned; None for the best on val.
        split : ``"train"``, ``"val"`` or ``"test"``. Test is the final benchmark; its figures are also kept in the
            library, where ``diagnose`` reads them.
        baselines : whether to fit ridge regression and CCA on the same vectors; ``"quick"`` for what takes seconds.
        every_query : whether baselines are asked every query of a large split, where a sample is usually enough.
        typed : whether tags, two words, questions and exclusions are asked too (``figures["typed"]``); that loads the
            text encoder.
        k : K of figures at K, 1 … 10,000: R@K of these beside 1, 5 and 10, and in ``figures["t2a"]["lists"]`` success,
            recall, precision, mAP and nDCG, each with chance, ceiling and interval. Where pairs were judged, by their
            grades too (``figures["judgements"]``). None for R@1, R@5 and R@10 alone.
        protocol : who asks and what is right, a name of ``docs/concepts/protocols.md`` such as ``"one-caption"``. Only
            figures of the default are kept in the library. By ``"best-of-captions"`` figures of ``t2a`` are of tracks,
            and ranks stay those of captions.
        resamples, seed : of the intervals and paired tests; 0 resamples for none, and nothing is kept.

        Returns
        -------
        Figures, and ranks, reciprocal ranks and vectors as arrays.

        Raises
        ------
        CheckpointError : there is no such checkpoint.
        ConfigError : there is no such split or protocol, or a K is too large.
        ArgumentError : a K is no whole number of at least 1.
        LibraryError : vectors are missing, the split is empty, or it is not the set that the protocol names.
        EmbeddingError : the vectors were made another way than those of the training.

        Examples
        --------
        >>> result = library.evaluate("timbre")
        >>> result.t2a.ranks.shape, result.a2t.ranks.shape
        ((31,), (15,))
        >>> bool(result.t2a.reciprocal_ranks.mean() == result.t2a.figures["MRR"])
        True
        >>> lists = library.evaluate("timbre", baselines=False, k=[1, 20]).t2a.figures["lists"]
        >>> lists["success@1"]["value"] == result.t2a.figures["R@1"]
        True
        >>> one = library.evaluate("timbre", baselines=False, protocol="one-caption")
        >>> len(one.t2a.ranks) == len(one.track_ids)
        True
        """
        from antiphon.api.evaluation import Evaluation
        from antiphon.evaluate.benchmark import measure

        _check_split(split)
        ks = None if k is None else as_counts(k, "k")
        path, tables = self._checkpoint(checkpoint), self._tables()
        found = measure(
            self.root, path, split,
            baselines=baselines, every_query=every_query, typed=typed, ks=ks,
            protocol=as_text(protocol, "The protocol's name"), resamples=resamples, seed=as_seed(seed),
        )  # fmt: skip
        return Evaluation.from_measurement(found, tables)

    def compare(
        self,
        *,
        beside: PathLike | Sequence[PathLike] = (),
        split: str = "test",
        by: str | None = None,
        folds: int | None = None,
        baselines: bool = True,
        resamples: int = 1000,
        seed: int = 0,
        on_fold: Callable[[str], None] | None = None,
    ) -> Comparison:
        """Every trained encoder on the same queries, with paired tests, and what each is best for.

        Parameters
        ----------
        beside : folder of another library, or of several, whose split asks the same queries; their trainings stand in
            the same table.
        split : as for :meth:`evaluate`.
        by : what to slice the queries by: a column of metadata, ``"artist"``, ``"album"``, ``"caption-length"`` or
            ``"caption-kind"``; see ``comparison.slices``.
        folds : train each recipe again in so many grouped folds, the same for all, and ask every captioned track in
            place of a split; what is done is kept in ``runs/NAME/refits/``. None for the split.
        baselines : whether to add the best closed form, and the native text tower, of each encoder.
        resamples, seed : of the intervals and paired tests.
        on_fold : is told, in a sentence, how long folds will take and each fold that is done.

        Raises
        ------
        CheckpointError : nothing was trained here.
        ConfigError : there is no such column to slice by, or folds cannot be dealt, or meet a split or other libraries.
        LibraryError : another library asks other queries; the message says which.

        Examples
        --------
        >>> comparison = library.compare(baselines=False)
        >>> sorted(row.name for row in comparison.rows)
        ['harmony', 'rhythm', 'timbre']
        """
        from antiphon.evaluate.compare.in_folds import compare_in_folds
        from antiphon.evaluate.compare.paired import compare

        _check_split(split)
        folders = [beside] if isinstance(beside, str | os.PathLike) else beside
        others = [as_path(each, "Another library's folder") for each in folders]
        sure: dict[str, int] = {"resamples": resamples, "seed": as_seed(seed)}
        if folds is None:
            return compare(self.root, beside=others, split=split, by=by, baselines=baselines, **sure)
        if split != "test" or others:
            raise ConfigError(
                "Folds ask every captioned track of one library: split and beside have no meaning there.",
                fix="Leave out folds, or the others.",
            )
        number, tell = as_count(folds, "folds"), on_fold or (lambda _: None)
        return compare_in_folds(self.root, folds=number, by=by, baselines=baselines, tell=tell, **sure)

    @property
    def trained(self) -> tuple[str, ...]:
        """Names of everything that was trained or fused here: what :meth:`diagnose` takes."""
        from antiphon.evaluate.doctor.gather import diagnosable

        return tuple(diagnosable(self.root))

    def diagnose(self, name: str) -> Diagnosis:
        """The training doctor on one training or fusion: what its history says, the evidence, what to do next.

        Parameters
        ----------
        name : one of :attr:`trained`.

        Raises
        ------
        LibraryError : it was not trained here.

        Examples
        --------
        >>> diagnosis = library.diagnose("timbre")
        >>> [finding.title for finding in diagnosis.findings if "val split" in finding.title]
        ['The val split is small (10 tracks): its figures jump about']
        """
        from antiphon.evaluate.doctor.diagnose import diagnose

        return diagnose(self.root, as_text(name, "The training's name"))


def _settings(config: ConfigLike | None, settings: dict[str, Any]) -> TrainConfig:
    """A configuration with single settings in their place."""
    from antiphon.align.config import TrainConfig, config_from_dict
    from antiphon.align.recipes import settings_from

    if config is None:
        base = TrainConfig()
    elif isinstance(config, TrainConfig):
        base = config
    else:
        base = settings_from(as_path(config, "config"))
    return config_from_dict({**base.to_dict(), **settings}, source="the call") if settings else base


def _check_split(split: object) -> None:
    if split not in ("train", "val", "test"):
        raise ConfigError(f"split is 'train', 'val' or 'test', not {value_and_type(split)}.")

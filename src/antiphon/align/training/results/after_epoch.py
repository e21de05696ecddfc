"""What the first process does after each epoch: bring the product up to date, measure it, and write the files.

What is written after an epoch, in this order: the checkpoints that became better, then ``…_last.pt`` (from then on the
epoch counts as done), then the history. ``…_last.pt`` carries the history too, so that going on after a crash between
two of these files neither repeats an epoch in it nor loses one. All of it is written beside the next epoch, from
copies: who is killed there makes that epoch again, and the one before if its files were not yet complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.checksum import checksum
from antiphon.align.checkpoint.file import write_state
from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder, serving_path
from antiphon.align.config import TrainConfig, to_toml
from antiphon.align.data.material import Material
from antiphon.align.training.loop import StepMeans
from antiphon.align.training.results.background import Background, copied
from antiphon.align.training.results.divergence import FILE, Divergence
from antiphon.align.training.results.history import EpochRecord, append_history, write_history
from antiphon.align.training.results.measures import Measures, Measuring
from antiphon.align.training.results.product import Product
from antiphon.align.training.results.trackers.opened import Trackers, tracked
from antiphon.align.training.results.trackers.tensorboard import is_complete
from antiphon.align.training.results.trackers.tracker import Setting, figures_on_test, final_figures
from antiphon.align.training.schedule import TrainingProgress
from antiphon.library.files import read_json, write_text


def tracked_about(material: Material) -> dict[str, Setting]:
    """What trackers show of a training beside its settings."""
    return {
        "encoder": material.encoder,
        "text_encoder": material.text_encoder,
        "training_tracks": len(material.train_ids),
    }


def complete_curves(material: Material, config: TrainConfig, history: Sequence[EpochRecord]) -> None:
    """Draw TensorBoard's curves of a training that is finished, where a kill left them without their end."""
    root, name = material.root, material.name
    if is_complete(root, name):
        return
    with tracked(root, name, replace(config, log_to=()), history, **tracked_about(material)) as trackers:
        trackers.conclude(read_final(root, name))


class AfterEpoch:
    """Measures and saves a training.

    Parameters
    ----------
    material, config : of the training.
    product : what is measured and saved.
    measuring : how.
    """

    def __init__(self, material: Material, config: TrainConfig, product: Product, measuring: Measuring) -> None:
        self.material, self.config = material, config
        self.product, self.measuring = product, measuring
        self.paths = checkpoint_paths(material.root, material.name)
        self.folder = run_folder(material.root, material.name)
        self._background = Background()
        self._measures: Measures | None = None

    def measure(self, epoch: int, means: StepMeans | None) -> EpochRecord:
        """Bring the product up to date and measure it.

        Parameters
        ----------
        epoch : that has just been made, 0 for closed forms alone.
        means : what its steps came to, None where there were none.
        """
        self.product.update()
        self._measures = self.measuring(self.product.space)
        return EpochRecord(
            epoch=epoch,
            step_loss=None if means is None else means.loss,
            lr=0.0 if means is None else means.lr,
            temperature=self.product.space.temperature,
            grad_norm=0.0 if means is None else means.grad_norm,
            steps=0 if means is None else means.steps,
            seconds=0.0,
            pairs_per_second=0.0 if means is None else means.pairs / max(means.seconds, 1e-9),
            **self._measures.figures,
        )

    def save(
        self,
        progress: TrainingProgress,
        history: Sequence[EpochRecord],
        loop: dict[str, Any] | None,
        *,
        concluded: bool = True,
    ) -> None:
        """Begin to write what the last epoch of ``history`` has left, as soon as what came before is written.

        Parameters
        ----------
        loop : what it takes to go on; None where a later epoch will be gone on from: there is no ``…_last.pt`` then.
        concluded : whether nothing is left to do once the last epoch is saved.

        Raises
        ------
        OSError : what came before could not be written.
        """
        self._background.finish()
        record, epochs = history[-1], tuple(history)
        reached = {"best_r1": progress.best_r1_epoch, "best_loss": progress.best_loss_epoch}
        best = [kind for kind, epoch in reached.items() if epoch == record.epoch]
        training = None
        if loop is not None:
            training = {
                "loop": copied(loop),
                "progress": progress.to_dict(),
                "history": [each.to_dict() for each in epochs],
                "content": self.material.content,
                "concluded": concluded,
            }
        state = copied(self._bundle(record).state())
        self._background.start(lambda: self._write(state, training, best, epochs))

    def finish(self) -> None:
        """Wait until everything is written.

        Raises
        ------
        OSError : it could not be.
        """
        self._background.finish()

    def _write(
        self, state: dict[str, Any], training: dict[str, Any] | None, best: list[str], history: Sequence[EpochRecord]
    ) -> None:
        first, seal = len(history) == 1, checksum(state)
        if first:
            write_text(self.folder / "config.toml", to_toml(self.config))
        for kind in best:
            write_state({**state, "name": self._name(kind)}, self.paths[kind], seal=seal)
        if "best_r1" in best:  # both are of the checkpoint that was replaced
            (self.folder / "test_metrics.json").unlink(missing_ok=True)
            serving_path(self.material.root, self.material.name).unlink(missing_ok=True)
        if training is None:  # an older one would be gone on from, or taken for whole, beside what is new
            self.paths["last"].unlink(missing_ok=True)
        else:
            write_state({**state, "name": self._name("last"), "training": training}, self.paths["last"], seal=seal)
        (self.folder / FILE).unlink(missing_ok=True)  # it has come past the step that broke
        if first:
            self.write_history(history)
        else:
            append_history(self.folder / "history.jsonl", history[-1])

    def diverged(self, broken: Divergence) -> None:
        """Keep where the training broke, for whoever asks later."""
        self._background.finish()
        with suppress(OSError):  # it is told at once in any case
            broken.write(self.folder)

    def _name(self, kind: str) -> str:
        return f"{self.material.name}_{kind}"

    def trackers(self, history: Sequence[EpochRecord]) -> Trackers:
        """Where the training's curves are drawn, opened with its epochs up to now.

        Raises
        ------
        ConfigError : a tracker that was asked for cannot begin.
        """
        material = self.material
        return tracked(material.root, material.name, self.config, history, **tracked_about(material))

    @property
    def final_figures(self) -> dict[str, float]:
        """Those that trackers show of a training that has come to its end, the test split's where they are known."""
        return read_final(self.material.root, self.material.name)

    def write_history(self, history: Sequence[EpochRecord]) -> None:
        """Replace the file of the history by these epochs."""
        write_history(self.folder / "history.jsonl", history)

    def _bundle(self, record: EpochRecord) -> Bundle:
        material, product = self.material, self.product
        return Bundle(
            name=self._name("last"),
            run=material.name,
            encoder=material.encoder,
            text_encoder=material.text_encoder,
            audio_provenance=material.audio_provenance,
            text_provenance=material.text_provenance,
            space=product.space,
            config=self.config,
            epoch=record.epoch,
            val={**record.to_dict(), **product.figures},
            split_fingerprint=material.split_fingerprint,
            train_ids=list(material.train_ids),
            adapter=product.adapter,
            hubness=None if self._measures is None else self._measures.hubness,
        )


def read_final(root: Path, name: str) -> dict[str, float]:
    """Tag → value: val of ``best_r1``, with the weights that it ended with, and test where it was evaluated since."""
    figures = final_figures(Bundle.load(checkpoint_paths(root, name)["best_r1"]).val)
    kept = run_folder(root, name) / "test_metrics.json"
    if not kept.is_file():
        return figures
    try:
        return figures | figures_on_test(read_json(kept))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):  # made by another version, or damaged
        return figures

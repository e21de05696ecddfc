"""What a training was made with, so that it can be made again on other tracks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, find_checkpoint
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.train import train
from antiphon.align.training.defaults import left_to_data
from antiphon.align.training.results.divergence import DivergedError
from antiphon.errors import ConfigError
from antiphon.evaluate.compare.costs.system_costs import training_seconds
from antiphon.library.phrases import has_phrases
from antiphon.library.tracks import Library


@dataclass(frozen=True, kw_only=True)
class Member:
    """One training.

    Parameters
    ----------
    name : of the training.
    encoder, text : its audio and text encoders, several joined by +.
    config : its settings; those that the data had chosen are left to the data.
    n_train : tracks that it was trained on.
    seconds : that it took; None where it is not known.
    made_of : fingerprints of its vectors.
    """

    name: str
    encoder: str
    text: str
    config: TrainConfig
    n_train: int
    seconds: float | None
    made_of: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class TrainingRecipe:
    """A training, or a fusion of several.

    Parameters
    ----------
    name : of the training or fusion.
    encoder, text : as its checkpoint names them.
    members : the training itself, or those that are fused.
    """

    name: str
    encoder: str
    text: str
    members: tuple[Member, ...]

    @property
    def seconds(self) -> float | None:
        """Seconds that it took altogether; None where that is not known."""
        known = [member.seconds for member in self.members if member.seconds is not None]
        return sum(known) if len(known) == len(self.members) and sum(known) > 0 else None

    @property
    def n_train(self) -> int:
        """Tracks that its largest member was trained on."""
        return max(member.n_train for member in self.members)

    def make(self, root: Path) -> Path:
        """Train it in another library; the checkpoint.

        Raises
        ------
        AntiphonError : what :func:`antiphon.align.train.train` raises. Of a training that diverges nothing is said of
            what is saved: the other library is a passing one.
        """
        for each in self.members:
            try:
                train(root, each.encoder, text=each.text, name=each.name, config=each.config)
            except DivergedError as error:
                whose = f"{each.name}: " if len(self.members) > 1 else ""
                raise ConfigError(
                    f"{whose}{error.broke}", fix=f"Train {each.name} with other settings. {error.fix}"
                ) from error
        if len(self.members) > 1:
            fuse(root, [each.name for each in self.members])
        return checkpoint_paths(root, self.name)["best_r1"]

    def identity(self) -> dict[str, Any]:
        """What decides what it makes, as plain values."""
        return {
            "name": self.name,
            "members": [
                {"encoder": m.encoder, "text": m.text, "config": m.config.to_dict(), "made_of": m.made_of}
                for m in self.members
            ],
        }


def training_recipe(root: Path, checkpoint: Path) -> TrainingRecipe:
    """The recipe of a library's checkpoint.

    Raises
    ------
    CheckpointError : it cannot be read, or is a fusion of which a member is not there.
    """
    library, bundle = Library(root), Bundle.load(checkpoint)
    bundles = [bundle]
    if "," in bundle.run:
        paths = [checkpoint_paths(root, name)["best_r1"] for name in bundle.run.split(",")]
        bundles = [Bundle.load(find_checkpoint(root, path.name)) for path in paths]
    members = tuple(_member(library, each) for each in bundles)
    return TrainingRecipe(name=bundle.run, encoder=bundle.encoder, text=bundle.text_encoder, members=members)


def _member(library: Library, bundle: Bundle) -> Member:
    n_train = len(bundle.train_ids) - bundle.refitted_on_val
    phrases = has_phrases(library, bundle.text_encoder)
    return Member(
        name=bundle.run,
        encoder=bundle.encoder,
        text=bundle.text_encoder,
        config=left_to_data(bundle.config, n_train, phrases=phrases),
        n_train=n_train,
        seconds=training_seconds(library.root, bundle.run),
        made_of=(bundle.audio_provenance.fingerprint, bundle.text_provenance.fingerprint),
    )

"""The checkpoint for search: ``best_r1`` with its closed forms fitted again on train and val.

Val chooses an epoch and the members' weights; after that its tracks are captioned tracks like any other, and on some
hundred tracks closed forms gain by a few more (``docs/experiments/refit.md``). Trained heads stay as they are. Figures
stay honest: ``best_r1`` is what ``antiphon evaluate`` judges unasked, the checkpoint for search carries its val figures
from before and says on how many val tracks it was fitted, and nothing is ever fitted on test.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import SERVING, checkpoint_paths, serving_path
from antiphon.align.config import TrainConfig
from antiphon.align.data.material import Material, with_phrases
from antiphon.align.ensemble.closed_forms import closed_forms_of
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.linear.look import Look
from antiphon.align.hubness.fit import fit_hubness_of
from antiphon.align.model import SharedSpace
from antiphon.align.training.defaults import FEW, has_closed_forms

NUMBERS = 2e7
"""Of all training tracks' vectors, up to which the fit takes a second or two."""


def is_fitted_again(material: Material, config: TrainConfig) -> bool:
    """Whether a finished training leaves a checkpoint for search beside ``best_r1``.

    It takes closed forms, val tracks, text vectors that stay as they are, and a set as small as those on which it was
    measured: on larger ones val adds as little as it costs time.
    """
    n = len(material.train_ids)
    small = n <= FEW and n * material.train.audio.size <= NUMBERS
    return small and has_closed_forms(config) and material.val is not None and config.finetune_text == "none"


def write_for_search(material: Material, config: TrainConfig) -> Path | None:
    """Fit a finished training's ``best_r1`` again and write it; None where that is not done.

    Parameters
    ----------
    material : of the training. Captions of val take part as a whole, also where those of train have phrases.
    config : resolved.
    """
    path = serving_path(material.root, material.name)
    if not is_fitted_again(material, config):
        path.unlink(missing_ok=True)
        return None
    best = Bundle.load(checkpoint_paths(material.root, material.name)["best_r1"])
    fitted_again(best, with_phrases(material, config)).save(path)
    return path


def fitted_again(bundle: Bundle, material: Material) -> Bundle:
    """A checkpoint with closed forms, and a hubness reference, of train and val.

    What the look inside train found holds here, too: on other tracks a look anew might find another share, whose
    figures nobody has.
    """
    both = material.with_val()
    forms = closed_forms_of(both, bundle.config, Look.from_figures(bundle.val)).space
    space = _beside_the_same_heads(bundle.space, forms) if bundle.config.epochs else forms
    forms.log_scale.copy_(bundle.space.log_scale)
    corrected = bundle.hubness is not None
    return replace(
        bundle,
        name=f"{bundle.run}_{SERVING}",
        space=space,
        hubness=fit_hubness_of(space, both.train, seed=bundle.seed) if corrected else None,
        train_ids=list(both.train_ids),
        refitted_on_val=len(material.val_ids),
    )


def _beside_the_same_heads(space: SharedSpace, closed_forms: SharedSpace) -> SharedSpace:
    """An ensemble with other closed forms in the place of its own."""
    ensemble = Ensemble(space)
    _, *trained = ensemble.members()
    return Ensemble.from_members([closed_forms, *trained], ensemble.weights).space

"""What of its training data a checkpoint holds, and the same checkpoint without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.heads.head import Head
from antiphon.align.heads.kernel_head import KernelHead
from antiphon.errors import CheckpointError


@dataclass(frozen=True, kw_only=True)
class Held:
    """How much of the training's data is in a checkpoint.

    Parameters
    ----------
    track_ids : names of training tracks.
    landmarks : vectors of training captions, and as many of training tracks, in its kernel CCAs.
    references : captions and tracks, in the shared space, in its hubness correction.
    """

    track_ids: int
    landmarks: int
    references: tuple[int, int]

    def __bool__(self) -> bool:
        return bool(self.track_ids or self.landmarks or any(self.references))


def held(bundle: Bundle) -> Held:
    """What of its training's data a checkpoint holds."""
    hubness = bundle.hubness
    return Held(
        track_ids=len(bundle.train_ids),
        landmarks=sum(head.spec.landmarks for head in _kernels(bundle.space.text)),
        references=(0, 0) if hubness is None else (len(hubness.text), len(hubness.audio)),
    )


def without_examples(bundle: Bundle) -> Bundle:
    """The same checkpoint without training tracks' ids, without kernel CCAs and without the hubness correction.

    Raises
    ------
    CheckpointError : nothing would be left that answers.
    """
    space = bundle.space
    if any(_kernels(space.text)) or any(_kernels(space.audio)):
        if (
            not isinstance(space.text, EnsembleHead)
            or space.text.spec.layout.sources
            or space.audio.spec.layout.sources
        ):
            raise _nothing_left(bundle)
        ensemble = Ensemble(space)
        kept = [
            (member, weight)
            for member, weight in zip(ensemble.members(), ensemble.weights, strict=True)
            if weight > 0 and not any(_kernels(member.text)) and not any(_kernels(member.audio))
        ]
        if not kept:
            raise _nothing_left(bundle)
        total = sum(weight for _, weight in kept)
        members, weights = [member for member, _ in kept], [weight / total for _, weight in kept]
        space = members[0] if len(members) == 1 else Ensemble.from_members(members, weights).space
    return replace(bundle, space=space, hubness=None, train_ids=[])


def _nothing_left(bundle: Bundle) -> CheckpointError:
    return CheckpointError(
        f"{bundle.name} without its training examples is nothing that could answer: all its members are kernel CCAs, "
        "which compare what they are asked with those.",
        fix="Leave --without-examples out, or train without closed forms: antiphon train --config heads",
    )


def _kernels(head: Head) -> Iterator[KernelHead]:
    return (part for part in head.modules() if isinstance(part, KernelHead))

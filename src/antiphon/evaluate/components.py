"""What a checkpoint consists of, each component judged alone.

Closed forms and trained heads; or, where the text encoder was fine-tuned, the whole recipe on frozen text vectors and
the heads that were fine-tuned with it.
"""

from __future__ import annotations

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.ensemble.ensemble import Ensemble, embed_members, joined
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.hubness.correction import Hubness, scored
from antiphon.arrays import Embeddings
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.metrics.retrieval import Ranked

COMPONENTS = ("closed_forms", "trained_heads")
TUNED_COMPONENTS = ("frozen_recipe", "fine_tuned_heads")


def ranked_components(bundle: Bundle, vectors: SplitVectors) -> dict[str, tuple[float, Ranked]]:
    """Share in the whole (0 … 1) and ranks of each of ``COMPONENTS``, or of ``TUNED_COMPONENTS``.

    Where the checkpoint's scores are corrected for hubness, so are those of each component, in its own space.
    Empty for a checkpoint of trained heads alone, and for a fusion, whose components are checkpoints of their own.
    """
    audio, text = bundle.space.audio, bundle.space.text
    named = bundle.adapter is not None or "closed_form_weight" in bundle.val
    if not (named and isinstance(audio, EnsembleHead) and isinstance(text, EnsembleHead)) or audio.spec.layout.sources:
        return {}
    *closed, trained = embed_members(Ensemble(bundle.space), vectors.raw)
    share = 1 - float(audio.weights[-1])
    rest, last = COMPONENTS if bundle.adapter is None else TUNED_COMPONENTS
    found: dict[str, tuple[float, Embeddings]] = {
        rest: (share, joined(closed, _among(audio.weights[:-1].tolist()))),
        last: (1 - share, trained),
    }
    border = audio.spec.dim - audio.spec.members[-1].dim
    corrections = {
        rest: _of_component(bundle.hubness, slice(border), share),
        last: _of_component(bundle.hubness, slice(border, None), 1 - share),
    }
    return {
        name: (weight, vectors.ranks_of(scored(embedded, corrections[name])))
        for name, (weight, embedded) in found.items()
    }


def _of_component(hubness: Hubness | None, columns: slice, share: float) -> Hubness | None:
    """A component without a share has left no trace in the reference: it stays uncorrected."""
    return None if hubness is None or not share else hubness.for_columns(columns)


def _among(weights: list[float]) -> list[float]:
    """Weights that sum to 1, as they are to one another; equal ones where all are 0."""
    total = sum(weights)
    return [weight / total if total else 1 / len(weights) for weight in weights]

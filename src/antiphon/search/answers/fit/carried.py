"""What a sealed bundle carries so that answers are judged elsewhere, too: scores, no captions.

``bundle.json`` has ``fit``: ``captions``, how many val captions of the bundle's own library were scored with tracks
that they are not of, and ``scores``, quantiles of that. On another library a score's place among these says how a track
would stand in the library of the training; where a library has val captions enough, its own say it better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.sealed import read_bundle_manifest, sealed_manifest
from antiphon.errors import EncoderError
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.registry import TextEncoder
from antiphon.search.answers.fit.calibrating import (
    FEWEST,
    MOST_ASKED,
    POOL,
    SHARES,
    evenly,
    human_captions,
    judged_by,
    own_tracks,
    quantiles,
)
from antiphon.search.answers.fit.calibration import Calibration
from antiphon.search.searcher import Searcher


def fit_to_carry(library: Library, bundle: Bundle, load: Callable[[], TextEncoder]) -> dict[str, Any] | None:
    """What goes into a bundle's manifest; None where val has too few captions by people, or nothing here reads them.

    Parameters
    ----------
    load : gives what reads texts for the checkpoint; :class:`EncoderError` where this machine has it not.
    """
    asked = evenly(list(dict.fromkeys(human_captions(library, "val").values())), MOST_ASKED)
    if len(asked) < FEWEST:
        return None
    try:
        encoder = load()
    except EncoderError:  # vectors that were imported: whoever opens the bundle needs the encoder to ask anything
        return None
    stored = open_embedding(library, "audio", bundle.encoder)
    ids = [str(track) for track in library.column("track_id") if track in stored.row_of]
    ids = ids[:: max(1, len(ids) // POOL)]
    damaged = stored.damaged(ids)
    ids = [track for track in ids if track not in damaged]
    tracks = bundle.score_audio(stored.take(ids).astype(np.float32))
    scores = bundle.score_text(encoder.encode(asked)) @ tracks.T
    found = quantiles(scores, own_tracks(library, asked, ids))
    return {"captions": len(asked), "scores": [round(float(score), 5) for score in found]}


def carried(searcher: Searcher) -> Calibration | None:
    """What the bundle of a searcher tells; None where that is no bundle, or carries nothing."""
    manifest = sealed_manifest(searcher.checkpoint)
    fit = None if manifest is None else read_bundle_manifest(manifest).get("fit")
    if manifest is None or not isinstance(fit, dict) or len(fit.get("scores", ())) != len(SHARES):
        return None
    return Calibration(
        **judged_by(searcher.model.load_text_encoder(), [], []),
        shares=SHARES.astype(np.float32),
        scores=np.array(fit["scores"], np.float32),
        captions=int(fit["captions"]),
        library=manifest.parent.name,
    )

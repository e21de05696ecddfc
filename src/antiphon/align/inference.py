"""From raw vectors to the shared space, and the loss there: dropout off, no gradient, in float32.

The same path as a saved bundle takes, so that the numbers in a history are those that evaluation finds again.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from antiphon.align.data.batches import Captions
from antiphon.align.data.features import CACHED_BYTES, Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.heads.head import Head
from antiphon.align.losses.find import find_loss
from antiphon.align.losses.infonce_step import largest_product
from antiphon.align.losses.loss import TiledLoss
from antiphon.align.losses.targets import Positives
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings


def embed(head: Head, rows: Rows, held: Tensor | None = None) -> Tensor:
    """(n, dim) float32 unit vectors of raw encoder vectors, in the order of ``rows``; dropout off, no gradient.

    Parameters
    ----------
    held : the rows as :func:`standardised` gives them, if they are at hand; the result is the same to the bit.
    """
    device = head.device
    was_training = head.training
    head.eval()
    with torch.no_grad():
        found = [
            head(rows.raw(chunk).to(device)) if held is None else head.project(held[chunk]) for chunk in rows.chunks()
        ]
    head.train(was_training)
    return torch.cat(found) if found else torch.zeros(0, head.spec.dim, device=device)


def embed_pairs(space: SharedSpace, pairs: PairSet) -> Embeddings:
    """Texts and tracks of ``pairs``, of unit length."""
    return Embeddings(embed(space.text, pairs.text).cpu().numpy(), embed(space.audio, pairs.audio).cpu().numpy())


def embed_member(head: EnsembleHead, number: int, rows: Rows, held: Tensor | None = None) -> Tensor:
    """:func:`embed` of one member alone.

    Parameters
    ----------
    held : the rows as :func:`member_standardised` gives them, if they are at hand.
    """
    member, columns = list(head)[number], head.columns[number]
    found = []
    with torch.no_grad():
        for chunk in rows.chunks():
            if held is None:
                found.append(member(rows.raw(chunk).float().to(head.weights.device)[:, columns]))
            else:
                found.append(member.project(held[chunk]))
    return torch.cat(found)


def standardised(head: Head, rows: Rows, columns: slice = slice(None)) -> Tensor:
    """(n, channels kept) float32 on the head's device: the part of :func:`embed` that training does not change.

    Parameters
    ----------
    columns : of the rows, that the head takes.
    """
    device = head.device
    held = torch.empty(len(rows), head.standardise.size, device=device)
    for chunk in rows.chunks(size=CACHED_BYTES):
        held[chunk] = head.standardise(rows.raw(chunk).to(device)[:, columns])
    return held


def member_standardised(head: EnsembleHead, number: int, rows: Rows) -> Tensor:
    """:func:`standardised` of one member alone."""
    return standardised(list(head)[number], rows, head.columns[number])


def measured_loss(
    space: SharedSpace, text: Tensor, audio: Tensor, pairs: PairSet, *, kind: str, positives: Positives | None = None
) -> tuple[float, float]:
    """The loss over all captions and tracks with hard targets, and the same for a model that knows nothing.

    ``positives``: :func:`positives_of` the pairs, where they are at hand.
    """
    positives = (positives or positives_of(pairs)).to(text.device)
    with torch.no_grad():
        loss = space.loss(text, audio, positives, kind=kind)
    return float(loss), find_loss(kind).chance(len(text), len(audio), space.bias, positives)


def tiled_loss(
    space: SharedSpace, embedded: Embeddings, pairs: PairSet, *, kind: str, block: int
) -> tuple[TiledLoss, float]:
    """:func:`measured_loss` of embeddings that somebody else multiplies, ``block`` texts and tracks at a time."""
    text, audio = (torch.from_numpy(side) for side in embedded)
    loss, positives = find_loss(kind), positives_of(pairs)
    with torch.no_grad():
        scale, bias = space.log_scale.exp().cpu(), space.bias.cpu()
        tiles = loss.of_tiles(
            len(text), len(audio), scale, bias, positives, block=block, longest=largest_product(text, audio)
        )
    return tiles, loss.chance(len(text), len(audio), bias, positives)


def positives_of(pairs: PairSet) -> Positives:
    """The tracks that are right for each caption, those of identical captions among them."""
    captions = Captions(pairs.track_of_caption, pairs.text_id)
    return captions.positives(np.arange(len(pairs.text), dtype=np.int64), np.arange(len(pairs.audio)))

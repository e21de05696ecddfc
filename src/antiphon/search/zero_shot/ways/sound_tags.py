"""Tags that a tagger heard in the sound, matched to the words of a query.

Tags that mean the same are one word (:mod:`antiphon.captions.sound.vocabulary`); a word's strength is how far it stands
out against the library. Two scores are averaged, each in spreads of the library:

*meaning*  a track's text vector is the sum of its words' vectors weighted by their strengths, centred and whitened over
           the library; the score is its cosine with the query's vector.
*mentions* the strengths of the words that the query names, or nearly: of all single words and pairs of words in it the
           nearest counts, by exp((cosine − 1) / ``TEMPERATURE``).

The first knows relatives of a word, the second lets a word that was typed count whole. Measured:
``docs/experiments/search-before-training.md``. Without a text encoder on this machine words are compared as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import unit_length
from antiphon.captions.sound.reference import tag_reference
from antiphon.captions.sound.standing_out import blended, moments, standardised
from antiphon.captions.sound.vocabulary import word_strengths
from antiphon.library.tag_strengths import TagStrengths
from antiphon.library.tracks import Library
from antiphon.registry import TextEncoder, encode_queries
from antiphon.search.light.readers.prepared import kept_vectors
from antiphon.search.zero_shot.track_rows import rows_known, spread_out
from antiphon.search.zero_shot.ways.way import Float32, in_spreads
from antiphon.search.zero_shot.ways.words import FILLERS, words_of

TEMPERATURE = 0.05
RIDGE = 0.3
"""Of the largest variance, added to each before whitening: directions in which words hardly differ are not blown up."""


class SoundTags:
    """A :class:`~antiphon.search.zero_shot.ways.way.Way` by what a tagger heard.

    Parameters
    ----------
    tags : of the library's tracks.
    encoder : of texts; None to compare words as they stand.
    """

    name = "sound tags"
    title = "tags that were heard in the sound"
    weight = 1.0

    def __init__(self, library: Library, tags: TagStrengths, encoder: TextEncoder | None) -> None:
        here = np.array([track_id in library.row_of_track for track_id in tags.track_ids], bool)
        here &= np.isfinite(tags.logits).all(axis=1)
        self._n = library.track_table.num_rows
        self._rows = np.array([library.row_of_track[track_id] for track_id in tags.track_ids[here]], np.int64)
        logits = tags.logits[here]
        spread = blended(moments(logits), tag_reference(tags.names), len(logits)) if len(logits) else None
        known, strengths = word_strengths(tags.names, logits if spread is None else standardised(logits, spread))
        self._words = [word.text for word in known]
        self._strengths = np.asarray(strengths, np.float32)
        self._encoder = encoder
        self._meaning = (
            None if encoder is None else Meaning(unit_length(kept_vectors(encoder, self._words)), self._strengths)
        )

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) the tracks that were heard."""
        return rows_known(self._rows, self._n)

    def scores(self, text: str) -> Float32:
        """(n,) float32, in spreads."""
        if self._encoder is None or self._meaning is None:
            mentioned = np.array([_has(text, word) for word in self._words], np.float32)
            found = in_spreads(self._strengths @ mentioned)
        else:
            pieces = unit_length(encode_queries(self._encoder, [text, *pieces_of(text)]))
            nearest = (pieces[1:] @ self._meaning.words.T).max(axis=0)
            mentions = self._strengths @ np.exp((nearest - 1) / TEMPERATURE).astype(np.float32)
            found = 0.5 * (in_spreads(self._meaning.scores(pieces[0])) + in_spreads(mentions))
        return spread_out(found, self._rows, self._n)


class Meaning:
    """Tracks as texts: sums of the vectors of their words, whitened over the library.

    All of it happens between words, not between numbers of text vectors: memory is one number a track and word.

    Parameters
    ----------
    words : (w, d) of unit length.
    strengths : (n, w).
    """

    def __init__(self, words: Float32, strengths: Float32) -> None:
        self.words = words
        self._centre = words.mean(axis=0)
        self._centred = words - self._centre
        self._strengths = strengths - strengths.mean(axis=0) if len(strengths) else strengths
        between = self._strengths.T @ self._strengths / max(1, len(strengths))
        variances, axes = np.linalg.eigh(self._centred.T @ between @ self._centred)
        largest = max(float(variances[-1]), 1e-12)
        self._axes = axes / np.sqrt(np.maximum(variances, 0) + RIDGE * largest)
        self._places = self._centred @ self._axes  # (w, d): of each word in the whitened space
        norms = np.sqrt(np.einsum("nw,wv,nv->n", self._strengths, self._places @ self._places.T, self._strengths))
        self._norms = np.where(norms > 0, norms, 1)

    def scores(self, query: Float32) -> Float32:
        """(n,) cosines of the tracks with a text's vector, (d,)."""
        wanted = (query - self._centre) @ self._axes
        wanted = wanted / (np.linalg.norm(wanted) or 1)
        return np.asarray(self._strengths @ (self._places @ wanted) / self._norms, np.float32)


def pieces_of(text: str) -> list[str]:
    """Single words and pairs of neighbours that do not begin or end with a filler; the text where there are none.

    >>> pieces_of("a calm piano for evenings")
    ['calm', 'piano', 'evenings', 'calm piano']
    """
    written = [word for word in _written(text) if word]
    return [
        piece
        for size in (1, 2)
        for piece in (" ".join(written[at : at + size]) for at in range(len(written) - size + 1))
        if not {piece.split()[0], piece.split()[-1]} & FILLERS
    ] or [text]


def _written(text: str) -> Sequence[str]:
    return [word.strip(".,;:!?\"'()[]") for word in text.casefold().split()]


def _has(text: str, word: str) -> bool:
    """Whether a text has every word of a tag."""
    return set(words_of(word)) <= set(words_of(text))

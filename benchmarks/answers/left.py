"""What search says of music that has left a library whose captions were noted: the product's own judgement."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from antiphon.arrays import Float32
from antiphon.library.phrases import caption_phrases
from antiphon.search.answers.fit.calibrating import judged_by
from antiphon.search.answers.fit.calibration import lead
from benchmarks.answers.removed import FORMS, Described, Trial

FEWEST = 10
"""Queries of val, and of test, below which a term is left out."""


class Reader:
    """The text encoder of a library, as calibrating asks it; a text is read once."""

    def __init__(self, of: Described) -> None:
        self._of = of

    def encode(self, texts: Sequence[str]) -> Float32:
        return self._of.read(texts)


def told(of: Described, term: str) -> tuple[float, float, float, float] | None:
    """Shares of queries that are told that their music has left; None where there are too few.

    Returns
    -------
    captions : of the tracks that left, each without itself among those that were noted; NaN where no other is.
    terms : the term in its forms.
    captions_there, terms_there : of test, the false alarms.
    """
    trial = Trial(of, term)
    known, gone, val, test = (
        sorted({str(text) for text in of.pairs.texts[trial.captions(tracks)]})
        for tracks in (trial.parts["train"], trial.gone, trial.parts["val"], trial.parts["test"])
    )
    asked = trial.asked("test")
    there = [text for text in asked if text in test]
    terms = [text for text in asked if text not in test]
    if min(len(val), len(test), len(terms)) < FEWEST and len(set(known)) > FEWEST:
        return None
    queries = [*val, *(phrase for text in val for phrase in caption_phrases(text))]
    judged = judged_by(Reader(of), known, queries, gone)  # type: ignore[arg-type]
    captions, left = judged["known"][: judged["taught"]].astype(np.float32), judged["gone"].astype(np.float32)

    def alarms(texts: Sequence[str], *, but_itself: bool = False) -> float:
        found = []
        for text in texts:
            rows = left[[other != text for other in gone]] if but_itself else left
            if len(rows):
                found.append(lead(of.read([text]), captions, rows)[0] < judged["gone_from"])
        return float(np.mean(found)) if found else float("nan")

    forms = [form.format(term) for form in FORMS]
    return alarms(gone, but_itself=True), alarms(forms), alarms(there), alarms(terms)


def rows(described: dict[str, Described], most: int) -> list[str]:
    """A row a library: means over terms, with intervals by bootstrap over them."""
    lines = [
        "| library | terms | captions that left, each without itself | the term | captions of test | terms of test |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, of in described.items():
        found = [each for each in (told(of, term) for term in of.removable(most)) if each is not None]
        draws = np.random.default_rng(0).integers(0, len(found), (2000, len(found)))
        values = 100 * np.array(found)
        low, high = np.nanpercentile(_means(values[draws], 1), [2.5, 97.5], axis=0)
        shares = zip(_means(values, 0), low, high, strict=True)
        cells = ["–" if np.isnan(mean) else f"{mean:.0f} % ({a:.0f}–{b:.0f})" for mean, a, b in shares]
        lines.append(f"| {name} | {len(found)} | {' | '.join(cells)} |")
    return lines


def _means(values: np.ndarray, axis: int) -> np.ndarray:
    """Means of what is a number; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(values, axis=axis))

"""Templates for short queries: are tags found better as "music with …"?

OMP_NUM_THREADS=1 python -m benchmarks.templates LIBRARY [LIBRARY …]

Each library has a training, which search takes as it is. Queries are the tags and short phrases (at most four words) of
the test tracks' captions, as they are and in each template; every test track that has the phrase is correct. Mean
average precision over the test tracks, with the paired interval of each template over the phrases. Writes
benchmarks/results/templates.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.library.pairs import Pairs, join_pairs, open_embedding
from antiphon.library.phrases import caption_phrases
from antiphon.metrics import significance
from antiphon.search.searcher import Searcher
from antiphon.texts import normalised_text

RESULT = Path(__file__).parent / "results" / "templates.md"
TEMPLATES = ("{}", "music with {}", "{} music", "a song that is {}")
WORDS = 4
"""Of a phrase, at most."""


def phrases_of(pairs: Pairs) -> dict[str, set[int]]:
    """Phrase → rows of the tracks whose captions have it, but for those that every track has."""
    found: dict[str, set[int]] = {}
    for row, text in zip(pairs.track_of_caption.tolist(), pairs.texts, strict=True):
        for phrase in caption_phrases(text) or [text]:
            if len(phrase.split()) <= WORDS:
                found.setdefault(normalised_text(phrase), set()).add(row)
    return {phrase: rows for phrase, rows in found.items() if len(rows) < len(pairs.track_ids)}


def average_precisions(scores: NDArray[np.float32], correct: list[set[int]]) -> NDArray[np.float64]:
    """(q,) of (q, n) scores and the correct rows of each query."""
    found = []
    for own, rows in zip(np.argsort(-scores, axis=1, kind="stable"), correct, strict=True):
        places = 1 + np.flatnonzero(np.isin(own, sorted(rows)))
        found.append(np.mean(np.arange(1, len(places) + 1) / places))
    return np.array(found)


def measured(root: Path) -> dict[str, NDArray[np.float64]]:
    """Template → (q,) average precision of each phrase."""
    searcher = Searcher(root)
    library, bundle = searcher.library, searcher.model.bundle
    audio = open_embedding(library, "audio", bundle.encoder)
    text = open_embedding(library, "text", bundle.text_encoder)
    names = (bundle.encoder, bundle.text_encoder)
    pairs = join_pairs(library, audio, text, "test", names=names, read_audio=False)
    phrases = phrases_of(pairs)
    tracks = np.asarray(searcher.index.vectors)[[searcher.index.place_of(each) for each in pairs.track_ids]]
    return {
        template: average_precisions(
            searcher.model.score_text([template.format(phrase) for phrase in phrases]) @ tracks.T,
            list(phrases.values()),
        )
        for template in TEMPLATES
    }


def cell(values: dict[str, NDArray[np.float64]], template: str) -> str:
    """The mean, and the interval of what the template gains over none."""
    own, plain = values[template], values[TEMPLATES[0]]
    low, high = significance.paired_means(own - plain, (np.arange(len(own)),))["ci95"]
    return (
        f"{own.mean():.3f}"
        if template == TEMPLATES[0] or low is None
        else f"{own.mean():.3f} ({low:+.3f} … {high:+.3f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("libraries", nargs="+", type=Path)
    found = {root.name: measured(root) for root in parser.parse_args().libraries}
    heads = [f"{name} ({len(values[TEMPLATES[0]])})" for name, values in found.items()]
    lines = [f"| queries as (phrases) | {' | '.join(heads)} |", "| --- |" + " --- |" * len(found)]
    for template in TEMPLATES:
        shown = "they are" if template == TEMPLATES[0] else template.format("…")
        lines.append(f"| {shown} | {' | '.join(cell(values, template) for values in found.values())} |")
    command = "Command: `python -m benchmarks.templates LIBRARY …`; what is measured stands in it."
    page = ["# Templates for short queries", "", f"Mean average precision, paired interval of the gain. {command}", ""]
    RESULT.write_text("\n".join([*page, *lines, ""]), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

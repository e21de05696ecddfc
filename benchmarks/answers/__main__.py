"""How many queries of other domains are found out, and how many about music are taken for such.

    python -m benchmarks.answers LIBRARY [LIBRARY …] [--out FILE]

Each library has a checkpoint, whose text encoder reads. *test*: different captions of test; *forms*: what people type
of them (``antiphon.evaluate.typed``: tags, two words, a question); *planted*, *typed*, *further*: lists of queries that
no calibration has (``questions.py``). Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from antiphon.evaluate.typed.queries import Source, make_queries
from antiphon.evaluate.typed.terms import terms_of, words_of
from antiphon.library.pairs import join_pairs, open_embedding
from antiphon.search.answers.fit.calibrating import calibration_of, human_captions
from antiphon.search.searcher import Searcher
from benchmarks.answers.questions import FURTHER, PLANTED, TYPED

RESULT = Path(__file__).parents[1] / "results" / "answers.md"
FORMS = ("tags", "two_words", "question")
MOST = 100


def queries_of(searcher: Searcher) -> Iterator[tuple[str, list[str]]]:
    """Name → queries."""
    library, bundle = searcher.library, searcher.model.bundle
    yield "planted", list(PLANTED)
    yield "typed", list(TYPED)
    yield "further", list(FURTHER)
    yield "test", sorted(set(human_captions(library, "test").values()))
    audio = open_embedding(library, "audio", bundle.encoder)
    text = open_embedding(library, "text", bundle.text_encoder)
    pairs = join_pairs(library, audio, text, "test", names=(bundle.encoder, bundle.text_encoder), read_audio=False)
    made = make_queries(Source(pairs, terms_of(library, pairs), words_of(pairs)), MOST)
    yield "forms", sorted({query.text for form in FORMS for query in made.get(form, ())})


def interval(found: int, of: int) -> str:
    """Wilson's, in percent."""
    share, z = found / of, 1.96
    middle, bottom = share + z * z / 2 / of, 1 + z * z / of
    half = z * math.sqrt(share * (1 - share) / of + z * z / 4 / of / of)
    return f"{100 * (middle - half) / bottom:.0f}–{100 * (middle + half) / bottom:.0f} %"


def row(name: str, queries: Sequence[str], found: Sequence[bool]) -> str:
    """A row of the table, with what was got wrong."""
    wrong = [text for text, alarm in zip(queries, found, strict=True) if alarm is not (name == "planted")]
    share = f"{sum(found)} of {len(found)} ({interval(sum(found), len(found))})"
    return f"| {name} | {share} | {'; '.join(wrong[:8])}{' …' if len(wrong) > 8 else ''} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=RESULT)
    chosen = parser.parse_args()
    lines = ["# Queries that are told that nothing may fit", ""]
    for root in chosen.libraries:
        searcher = Searcher(root)
        found = calibration_of(searcher)
        if found is None:
            raise SystemExit(f"{root} has too few captions of val.")
        encoder = searcher.model.load_text_encoder()
        lines += [f"**{root.name}**, {len(searcher.index):,} tracks, threshold {found.threshold:.3f}", ""]
        lines += ["| queries | told so | wrong |", "| --- | --- | --- |"]
        for name, queries in queries_of(searcher):
            if queries:
                alarms = (found.margin(np.asarray(encoder.encode(queries), np.float32)) < found.threshold).tolist()
                lines.append(row(name, queries, alarms))
        lines.append("")
        print("\n".join(lines), flush=True)
    chosen.out.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()

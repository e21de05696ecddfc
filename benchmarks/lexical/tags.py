"""Single tags as queries, with a text side of exact words beside MiniLM; also where a query's words are all new to it.

OMP_NUM_THREADS=1 python -m benchmarks.lexical.tags DATA --sets moods:musicnn … [--mixture minilm*3,words-1024*1]
                                                    [--assignments 1]

Sets, folds and mixtures are those of ``benchmarks.lexical``, trained on whole captions. Queries are the tags and short
phrases of the test tracks' captions, every test track that has one is correct; mean average precision, in brackets the
paired interval over phrases of the gain over the mixture's first text side alone. *All words new*: the sides of exact
words see a query without any; *silent*: their cosines are 0 then.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from antiphon.align.data.features import Rows
from antiphon.align.inference import embed, embed_pairs
from antiphon.arrays import Embeddings
from antiphon.library.phrases import caption_phrases
from antiphon.metrics import significance
from antiphon.texts import normalised_text
from benchmarks.lexical.__main__ import corrected, members_of, space_of
from benchmarks.lexical.sides import encoded, texts_of, with_side
from benchmarks.quality.__main__ import FOLDS, folds
from benchmarks.quality.captioned import Captioned
from benchmarks.quality.methods import pairs_of
from benchmarks.templates import WORDS, average_precisions

WAYS = ("first side alone", "mixture", "all words new", "all words new, their side silent")


def judged(data: Path, name: str, mixture: str, assignments: int) -> tuple[list[str], np.ndarray]:
    """Phrases of all folds, and (ways, phrases) the average precision of each."""
    members, texts = members_of(mixture), texts_of(data, name)
    wholes = [with_side(data, name, side) for side in members]
    text_of = dict(zip(wholes[0].text_id.tolist(), texts, strict=True))
    names: list[str] = []
    found: list[np.ndarray] = []
    for assignment in range(assignments):
        dealt = [list(folds(whole, seed=assignment)) for whole in wholes]
        for number in range(FOLDS):
            train, test = ([each[number][part] for each in dealt] for part in (0, 2))
            correct = tracks_of_phrases(test[0], text_of)
            spaces = [space_of(each) for each in train]
            known = [embed_pairs(space, pairs_of(each)) for space, each in zip(spaces, train, strict=True)]
            sound = [embed_pairs(space, pairs_of(each)).audio for space, each in zip(spaces, test, strict=True)]
            read = [encoded(side, list(correct)) for side in members]
            heard = [embed(space.text, Rows.all_of(each)).numpy() for space, each in zip(spaces, read, strict=True)]
            blank = [embed(space.text, Rows.all_of(0 * each)).numpy() for space, each in zip(spaces, read, strict=True)]
            lexical = [side.startswith("words-") for side in members]
            new, silent = (
                [other if exact else own for own, other, exact in zip(heard, others, lexical, strict=True)]
                for others in (blank, [0 * each for each in heard])
            )
            rows = []
            for texts_there, used in ((heard, 1), (heard, len(spaces)), (new, len(spaces)), (silent, len(spaces))):
                asked = [Embeddings(*each) for each in zip(texts_there, sound, strict=True)]
                shares = [1.0] if used == 1 else list(members.values())
                vectors = corrected(shares, known[:used], asked[:used])
                rows.append(average_precisions(vectors.text @ vectors.audio.T, list(correct.values())))
            names += correct
            found.append(np.array(rows))
    return names, np.concatenate(found, axis=1)


def tracks_of_phrases(test: Captioned, text_of: dict[int, str]) -> dict[str, set[int]]:
    """Phrase → rows of the tracks whose captions have it, but for those that every track has."""
    found: dict[str, set[int]] = {}
    for row, number in zip(test.track_of_caption.tolist(), test.text_id.tolist(), strict=True):
        for phrase in caption_phrases(text_of[number]) or [text_of[number]]:
            if len(phrase.split()) <= WORDS:
                found.setdefault(normalised_text(phrase), set()).add(row)
    return {phrase: rows for phrase, rows in found.items() if len(rows) < len(test.audio)}


def main() -> None:
    """Print a table, a way a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--mixture", default="minilm*3,words-1024*1")
    parser.add_argument("--assignments", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print("| set | " + " | ".join(WAYS) + " |\n|" + " --- |" * (len(WAYS) + 1), flush=True)
    for name in asked.sets:
        phrases, values = judged(asked.data, name, asked.mixture, asked.assignments)
        cells = [f"{values[0].mean():.3f}"]
        for row in values[1:]:
            low, high = significance.paired_means(row - values[0], (np.array(phrases),))["ci95"]
            cells.append(f"{row.mean():.3f} ({low:+.3f} … {high:+.3f})")
        print(f"| {name} ({len(set(phrases))} phrases) | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

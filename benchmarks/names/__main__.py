"""Do names find their tracks, also misspelt ones, and do descriptions stay clear of them?

    python -m benchmarks.names [--sizes 1000 100000] [--queries 200] [--methods antiphon …] [--out FILE]

Libraries are made (``made.py``), and so are misspellings (``typed.py``). ``hit@1`` and ``hit@10``: percent of queries
with a track that is meant in the first place, and in the first ten; a search by meaning that knows no names, as that of
a text encoder, has next to none. ``pulled``: percent of descriptions for which a name takes the first place, and how
many of the first ten places names take for a description on the mean. All ways are asked in one run: bm25s and
rapidfuzz where they are installed. Times are processor time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.names.made import Track, made_library
from benchmarks.names.methods import METHODS, Method
from benchmarks.names.typed import Typed, descriptions, wanted

RESULTS = Path(__file__).parents[1] / "results" / "names.json"

TIMES = {"first answer, s": "first_answer_s", "a name, ms": "name_ms", "a description, ms": "description_ms"}


def figures(ask: Method, queries: Sequence[Typed]) -> dict[str, Any]:
    """Percent of queries with a track that is meant in the first place and in the first ten, and those that miss."""
    answers = [ask(query.text) for query in queries]
    first = [not query.correct.isdisjoint(rows[:1]) for query, rows in zip(queries, answers, strict=True)]
    ten = [not query.correct.isdisjoint(rows) for query, rows in zip(queries, answers, strict=True)]
    missed = [query.text for query, hit in zip(queries, ten, strict=True) if not hit]
    share = 100 / max(1, len(queries))
    return {"queries": len(queries), "hit@1": sum(first) * share, "hit@10": sum(ten) * share, "missed": missed[:12]}


def pulls(ask: Method, texts: Sequence[str]) -> dict[str, Any]:
    """Percent of descriptions that a name answers, and mean places of the ten that names take."""
    counts = [len(ask(text)) for text in texts]
    pulled = [text for text, count in zip(texts, counts, strict=True) if count]
    return {
        "descriptions": len(texts),
        "pulled": 100 * len(pulled) / len(texts),
        "places": statistics.mean(counts),
        "of": pulled[:12],
    }


def measured(tracks: Sequence[Track], name: str, count: int) -> dict[str, Any]:
    """One way on one library."""
    start = time.process_time()
    ask = METHODS[name](tracks)
    built = time.process_time() - start
    ask("calm piano for a rainy evening")
    first = time.process_time() - start
    found: dict[str, Any] = {"build_s": built, "first_answer_s": first}
    kinds = wanted(tracks, count)
    start = time.process_time()
    found["names"] = {kind: figures(ask, queries) for kind, queries in kinds.items()}
    asked = sum(map(len, kinds.values()))
    found["name_ms"] = 1000 * (time.process_time() - start) / asked
    texts = descriptions()
    start = time.process_time()
    found["descriptions"] = {kind: pulls(ask, each) for kind, each in texts.items()}
    found["description_ms"] = 1000 * (time.process_time() - start) / sum(map(len, texts.values()))
    return found


def table(found: dict[str, dict[str, Any]]) -> str:
    """Ways beside one another, a kind of query a row."""
    ways = list(found)
    rows = [["", *ways]]
    for kind in found[ways[0]]["names"]:
        each = [found[way]["names"][kind] for way in ways]
        rows.append([f"{kind} ({each[0]['queries']})", *(f"{one['hit@1']:.0f} / {one['hit@10']:.0f}" for one in each)])
    for kind in found[ways[0]]["descriptions"]:
        each = [found[way]["descriptions"][kind] for way in ways]
        label = f"pulled: {kind} ({each[0]['descriptions']})"
        rows.append([label, *(f"{one['pulled']:.0f} / {one['places']:.1f}" for one in each)])
    for label, field in TIMES.items():
        rows.append([label, *(f"{found[way][field]:.2f}" for way in ways)])
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="*", type=int, default=[1_000, 100_000])
    parser.add_argument("--queries", type=int, default=200, help="of each kind")
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    found: dict[str, Any] = {}
    for size in chosen.sizes:
        tracks = made_library(size)
        found[str(size)] = {name: measured(tracks, name, chosen.queries) for name in chosen.methods}
        print(f"\n{size:,} tracks: hit@1 / hit@10; pulled / places of ten\n\n{table(found[str(size)])}", flush=True)
    chosen.out.parent.mkdir(exist_ok=True)
    chosen.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

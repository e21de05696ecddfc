"""What a text side costs when somebody asks: measured in a process of its own, as a search that has just been started.

Cold is the time from the start of the process until the first query is a vector, the imports and the weights of all
sources included; warm is a short query after that.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.embed import load_text_encoder
from antiphon.errors import AntiphonError
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import EncoderCard

CHILD = "from antiphon.evaluate.compare.costs.query_cost import answer; answer()"
QUERIES = ("slow sad piano", "fast drums and a loud guitar", "calm music for the evening", "happy song with a choir")
ROUNDS = 5
SECONDS = 300.0
"""After which a process is given up."""
MEGA = 1e6


@dataclass(frozen=True, kw_only=True)
class QueryCost:
    """What reading a query costs on this machine.

    Parameters
    ----------
    ms : of a short query once the encoders are loaded (median), milliseconds.
    cold_s : from the start of a process to the first query's vector, seconds.
    mb : megabytes of weights; None where that is not known.
    """

    ms: float
    cold_s: float
    mb: float | None


def query_cost(made: Provenance) -> QueryCost | str:
    """The cost of reading queries for vectors that ``made`` describes, or why none can be read."""
    if made.origin == "imported" or any(source.origin == "imported" for source in made.sources):
        return "its vectors were imported, so that no query can be read"
    started = time.monotonic()
    command = [sys.executable, "-c", CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(made.to_dict()).encode())
            child.stdin.close()
            ready = child.stdout.readline()
            cold_s = time.monotonic() - started
            answer = json.loads(child.stdout.readline() or "{}")
            child.wait(timeout=SECONDS)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            answer = {}
        finally:
            child.kill()
    if ready.strip() != b"ready" or "ms" not in answer:
        return answer.get("problem") or "a process that was to read queries ended without an answer"
    return QueryCost(ms=answer["ms"], cold_s=cold_s, mb=answer["mb"])


def answer() -> None:
    """The other process: reads what made the vectors from its input, says when it is ready, then what a query takes."""
    made = Provenance.from_dict(json.loads(sys.stdin.read()))
    try:
        encoder = load_text_encoder(made)
        encoder.encode([QUERIES[0]])
    except AntiphonError as error:
        print(f"not ready\n{json.dumps({'problem': error.problem})}", flush=True)
        return
    print("ready", flush=True)
    times = []
    for query in QUERIES * ROUNDS:
        started = time.perf_counter()
        encoder.encode([query])
        times.append(1e3 * (time.perf_counter() - started))
    print(json.dumps({"ms": statistics.median(times), "mb": _megabytes(encoder, made)}), flush=True)


def _megabytes(encoder: Any, made: Provenance) -> float | None:
    """Of all sources; None where one does not say."""
    encoders = getattr(encoder, "sources", (encoder,))
    found = [_of_one(each.card, source) for each, source in zip(encoders, made.sources or (made,), strict=True)]
    return sum(size for size in found if size) if all(found) else None


def _of_one(card: EncoderCard, made: Provenance) -> float | None:
    if card.download_mb:
        return float(card.download_mb)
    folder = Path(made.source).expanduser()
    if not made.source or not folder.is_dir():
        return None
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / MEGA

"""The search index beside bare faiss, LanceDB and Milvus Lite: cold and warm times, recall, size, memory, filters.

    python -m benchmarks.search_index [--peers DIR] [--sizes 10000 100000] [--rounds 3] [--only NAME …]
                                      [--build-limit SECONDS] [--ask-limit SECONDS] [--work DIR] [--out FILE]

Every contestant gets the same vectors and queries, builds in a process of its own, and is asked in others: a round asks
each of them in turn, so that other work on the machine meets all. Each process has one core. A contestant that takes
more processor seconds than the limit is stopped, with the processes that it started, and the table says after how many,
and how far it had come. What is done is kept in ``--work``: the same command again carries on. Writes
benchmarks/results/search_index.md.

*Cold* is from the start of a process (Python and imports included) to its first answer, with the files in the page
cache. Vectors are made: 256 numbers, unit length, 32 causes behind them, queries of the same causes. A filter compares
a column of numbers; recall@10 is of the exact ten nearest of those allowed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.search_index.engines import ENGINES
from benchmarks.search_index.page import page
from benchmarks.search_index.steps import Step, Steps, step_done

RESULT = Path(__file__).parents[1] / "results" / "search_index.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=os.environ.get("ANTIPHON_PEERS", ""), help="folder of the peers' packages")
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3, help="processes that ask each contestant")
    parser.add_argument("--only", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--build-limit", type=float, default=900, help="processor seconds that a build may take")
    parser.add_argument("--ask-limit", type=float, default=300, help="of one that asks")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "antiphon-search-index")
    parser.add_argument("--out", type=Path, default=RESULT)
    chosen = parser.parse_args()
    steps = Steps(chosen.work)
    for size in chosen.sizes:
        for round_number in range(chosen.rounds + 1):  # round 0 builds
            for name in chosen.only:
                step = Step(size=size, engine=name, round=round_number)
                if step not in steps and not steps.gave_up(step):
                    limit = chosen.ask_limit if round_number else chosen.build_limit
                    steps.add(step, step_done(step, made_once(chosen.work, step), limit, chosen.peers))
                    chosen.out.write_text("\n".join(page(steps.done, chosen.peers)) + "\n", encoding="utf-8")
        shutil.rmtree(chosen.work / str(size), ignore_errors=True)


def made_once(work: Path, step: Step) -> Path:
    """The folder of a size's vectors and queries; what builds makes them where they are not there."""
    folder = work / str(step.size)
    if (folder / "truth.npz").exists():
        return folder
    if step.round:
        raise SystemExit(f"{step.size:,} is done with fewer rounds, and removed: delete {work} to measure it anew.")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "benchmarks.search_index.made", str(folder), str(step.size)], check=True)
    return folder


if __name__ == "__main__":
    main()

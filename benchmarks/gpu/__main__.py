"""What a GPU changes, beside the processor of the same machine.

    python -m benchmarks.gpu                       both parts, some minutes
    python -m benchmarks.gpu --parts training --rounds 1 --limit 2

Trainings are made pairs (benchmarks/training) with Antiphon's defaults; encoders have their published sizes and random
weights, since speed does not depend on their values. Writes results/gpu.json and results/gpu.md beside this file, after
each row, so that what was measured is kept when time runs out.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu import embedding, training
from benchmarks.loss import processor

RESULTS = Path(__file__).parents[1] / "results"
ENCODERS = ("mert-95m", "mert", "muq", "clap")


def table(rows: list[dict[str, Any]]) -> list[str]:
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
    return lines + [
        "| " + " | ".join(f"{row[head]:,}" if isinstance(row[head], int) else str(row[head]) for head in heads) + " |"
        for row in rows
    ]


def write(found: dict[str, Any], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "gpu.json").write_text(json.dumps(found, indent=1) + "\n")
    lines = [
        "# On a GPU",
        "",
        f"{found['date']}, {found['gpu']}, beside {found['processor']} with {found['threads']} threads; torch "
        f"{found['torch']}. Made by `python -m benchmarks.gpu`.",
    ]
    for part in ("training", "embedding"):
        if found.get(part):
            lines += ["", f"## {part.capitalize()}", "", *table(found[part])]
    (out / "gpu.md").write_text("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", default=["training", "embedding"], choices=["training", "embedding"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=len(training.CASES), help="so many cases of training")
    parser.add_argument("--songs", type=int, default=48)
    parser.add_argument("--encoders", nargs="+", default=list(ENCODERS), choices=list(ENCODERS))
    parser.add_argument("--batch-seconds", type=float, default=900.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("torch sees no GPU here.")
    before = json.loads(path.read_text()) if (path := asked.out / "gpu.json").exists() else {}
    found: dict[str, Any] = {
        **before,
        "date": str(date.today()),
        "gpu": torch.cuda.get_device_name(),
        "processor": processor("cpu"),
        "threads": os.cpu_count(),
        "torch": torch.__version__,
        **{part: [] for part in asked.parts},
    }
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if "training" in asked.parts:
            for case in training.CASES[: asked.limit]:
                found["training"] += training.measure(work, *case, rounds=asked.rounds)
                write(found, asked.out)
        if "embedding" in asked.parts:
            (work / "songs").mkdir()
            songs = embedding.make_songs(work / "songs", asked.songs)
            for encoder in asked.encoders:
                found["embedding"].append(embedding.measure(work, encoder, songs, batch_seconds=asked.batch_seconds))
                write(found, asked.out)
    print((asked.out / "gpu.md").read_text())


if __name__ == "__main__":
    main()

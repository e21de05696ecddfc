"""Training beside the usual ways to do it: time of 20 epochs, and time to the same val MRR.

    python -m benchmarks.training                         every size; minutes to an hour, most of it the peers'
    python -m benchmarks.training --dims 576 --tracks 1000 --epochs 3 --seconds 5       a quick look
    python -m benchmarks.training --peers DIR             beside open_clip and pytorch-metric-learning, which
                                                          python -m benchmarks --install-peers --peers DIR puts there

Made pairs: 40 hidden causes, of which text and audio each see a noisy version, through random maps with noise of their
own. Everyone reads the same float16 files (the plain loop a float16 HDF5 file) and the same splits, and is a process of
its own. A contestant that has used --seconds of processor time is stopped and its 20 epochs are extrapolated from the
share of them it made; the table says so. Writes results/training.json and results/training.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.loss import processor

RESULTS = Path(__file__).parents[1] / "results"
LAYOUTS = {576: (1, 192, 3), 1536: (1, 512, 3), 76800: (25, 1024, 3)}
TEXT, CAUSES, VAL, SLAB = 384, 40, 500, 250


def make(folder: Path, dims: int, tracks: int) -> None:
    """The same pairs as an Antiphon library, as .npy files and as HDF5."""
    import h5py
    import numpy as np

    from antiphon.layout import Layout
    from antiphon.library.tracks import Caption, Track, save_library
    from antiphon.library.vectors.provenance import Provenance
    from antiphon.library.vectors.store import Row, VectorWriter

    rng, n = np.random.default_rng(0), tracks + VAL
    ids = [f"t{i:06d}" for i in range(n)]
    all_tracks = [Track(track_id=x, group=x, split="train" if i < tracks else "val") for i, x in enumerate(ids)]
    save_library(folder, all_tracks, [Caption(caption_id=f"{x}#0", track_id=x, text=x) for x in ids], {})
    (folder / "n_train").write_text(str(tracks))
    cause = rng.normal(size=(n, CAUSES)).astype(np.float32)
    shapes = {"audio": ("made", Layout(*LAYOUTS[dims])), "text": ("words", Layout.flat(TEXT))}
    with h5py.File(folder / "pairs.h5", "w") as file:
        for kind, (name, layout) in shapes.items():
            seen = cause + 0.6 * rng.normal(size=cause.shape).astype(np.float32)
            through = rng.standard_normal((CAUSES, layout.size), dtype=np.float32) / CAUSES**0.5
            saved = np.lib.format.open_memmap(folder / f"{kind}.npy", "w+", np.float16, (n, layout.size))
            stored = file.create_dataset(kind, (n, layout.size), np.float16)
            what = Provenance(encoder=name, kind=kind, layout=layout, weights_id="none")
            with VectorWriter(folder / "embeddings" / kind / name, what) as writer:
                for start in range(0, n, SLAB):
                    rows = slice(start, min(start + SLAB, n))
                    noise = rng.standard_normal((rows.stop - start, layout.size), dtype=np.float32)
                    values = (seen[rows] @ through + noise).astype(np.float16)
                    saved[rows], stored[rows] = values, values
                    ends = "#0" if kind == "text" else ""
                    writer.write([Row(x + ends, "ok") for x in ids[rows]], values)


def one(name: str, folder: Path, epochs: int, seconds: float, threads: int) -> None:
    import torch

    from benchmarks.training.peers import CONTESTANTS

    torch.set_num_threads(threads)
    importlib.import_module("torch._dynamo")  # imports are nobody's training time; optimizers load this one late
    print(json.dumps(CONTESTANTS[name](folder, epochs, seconds)))


def reason_to_skip(name: str) -> str:
    from benchmarks.training.peers import NEEDS

    there = (Path(os.environ.get("ANTIPHON_PEERS", "")) / NEEDS.get(name, "")).is_dir()
    return "" if name not in NEEDS or (os.environ.get("ANTIPHON_PEERS") and there) else "not in --peers"


def measure(name: str, folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.training",
        "--one",
        name,
        "--folder",
        str(folder),
        "--epochs",
        str(chosen.epochs),
    ]
    command += ["--epochs", str(chosen.epochs), "--seconds", str(chosen.seconds), "--threads", str(chosen.threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"skipped": (done.stderr.strip().splitlines() or ["failed"])[-1]}
    return summed(json.loads(done.stdout.splitlines()[-1]), chosen.epochs)


def in_turn(names: list[str], folder: Path, chosen: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The run of median wall time of each contestant; one that was skipped or stopped has a single turn."""
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for turn in range(chosen.repeats):
        for name in names:
            if turn and taken[name][0].get("made") != chosen.epochs:
                continue
            skip = reason_to_skip(name)
            row = {"skipped": skip} if skip else measure(name, folder, chosen)
            taken[name].append(row)
            print(name, {k: v for k, v in row.items() if k != "epochs"}, file=sys.stderr, flush=True)
    return {name: sorted(rows, key=lambda row: row.get("wall", 0.0))[len(rows) // 2] for name, rows in taken.items()}


def summed(epochs: list[dict[str, float]], wanted: int) -> dict[str, Any]:
    """Time of ``wanted`` epochs, extrapolated if there are fewer, and the best val MRR."""
    last, share = epochs[-1], epochs[-1]["epoch"] / wanted
    return {
        "skipped": "",
        "made": last["epoch"],
        "cpu": last["cpu"] / share,
        "wall": last["wall"] / share,
        "best": max(e["mrr"] for e in epochs),
        "epochs": epochs,
    }


def reached(row: dict[str, Any], target: float) -> float | None:
    """Seconds until val MRR was first at least ``target``."""
    return next((e["wall"] for e in row["epochs"] if e["mrr"] >= target), None)


def compared(rows: dict[str, dict[str, Any]], wanted: int) -> float:
    """Write ratios into the rows; returns the target, the lowest best MRR of those that made every epoch."""
    ran = {name: row for name, row in rows.items() if not row["skipped"]}
    target = min(row["best"] for row in ran.values() if row["made"] == wanted and row["best"] >= 0)
    ours = rows["antiphon"]
    for row in ran.values():
        row["ratio"] = row["wall"] / ours["wall"]
        row["to_target"] = reached(row, target)
        both = row["to_target"], reached(ours, target)
        row["target_ratio"] = both[0] / both[1] if both[0] and both[1] else None
    return target


def as_markdown(report: dict[str, Any]) -> str:
    lines = [
        "# Training beside the usual ways",
        "",
        f"{report['date']}, {report['threads']} thread(s) of {report['processor']}, torch {report['torch']}, load "
        f"average {report['load']:.1f} at the start. {report['tracks']:,} made training tracks, {VAL} for validation, "
        f"{report['epochs']} epochs; every contestant a process of its own on the same files, "
        f"the median of {report['repeats']} runs that took turns. Ratios are of wall "
        "time: run it on an idle machine, or compare processor seconds. Antiphon's time includes "
        "reading, validation and checkpoints; the peers' is training alone. Bare products: the matrix products of "
        "Antiphon's steps in bfloat16 and nothing else, the limit. A contestant is stopped after "
        f"{report['seconds']:g} s of processor time; its time for all epochs (≈) is then extrapolated from those it "
        "made, and whether it would have reached the target is not known. "
        f"Made by `python -m benchmarks.training --seconds {report['seconds']:g}`.",
    ]
    for dims, size in report["sizes"].items():
        lines += [
            "",
            f"## {int(dims):,} dimensions",
            "",
            f"Target: val MRR {size['target']:.3f}, the lowest best of those that made every epoch.",
            "",
            "| contestant | epochs made | CPU s | wall s | × Antiphon | best val MRR | wall s to target | × Antiphon |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        lines += [_line(name, row, report["epochs"]) for name, row in size["rows"].items()]
    return "\n".join(lines) + "\n"


def _line(name: str, row: dict[str, Any], wanted: int) -> str:
    if row["skipped"]:
        return f"| {name} | skipped: {row['skipped']} | | | | | | |"
    about = "" if row["made"] == wanted else "≈ "
    best = f"{row['best']:.3f}" if row["best"] >= 0 else "–"
    to, ratio = (f"{row[key]:.1f}" if row[key] else "–" for key in ("to_target", "target_ratio"))
    return (
        f"| {name} | {row['made']:.3g} | {about}{row['cpu']:.1f} | {about}{row['wall']:.1f} "
        f"| {about}{row['ratio']:.1f} | {best} | {to} | {ratio} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dims", type=int, nargs="+", default=list(LAYOUTS), choices=list(LAYOUTS))
    parser.add_argument("--tracks", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120.0, help="processor time after which a peer is stopped")
    parser.add_argument("--repeats", type=int, default=3, help="turns; who is stopped has one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peers", default=os.environ.get("ANTIPHON_PEERS", ""), help="folder; or $ANTIPHON_PEERS")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for training.json and training.md")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        one(chosen.one, chosen.folder, chosen.epochs, chosen.seconds, chosen.threads)
        return
    import torch

    from benchmarks.training.peers import CONTESTANTS

    os.environ["ANTIPHON_PEERS"] = chosen.peers
    report: dict[str, Any] = {
        "date": date.today().isoformat(),
        "processor": processor("cpu"),
        "torch": torch.__version__,
        "load": os.getloadavg()[0],
        **{key: getattr(chosen, key) for key in ("threads", "tracks", "epochs", "seconds", "repeats")},
        "sizes": {},
    }
    for dims in chosen.dims:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), dims, chosen.tracks)
            rows = in_turn(list(CONTESTANTS), Path(folder), chosen)
        report["sizes"][str(dims)] = {"target": compared(rows, chosen.epochs), "rows": rows}
        chosen.out.mkdir(exist_ok=True)
        (chosen.out / "training.json").write_text(json.dumps(report, indent=1) + "\n")
        (chosen.out / "training.md").write_text(as_markdown(report))
    print(as_markdown(report))


if __name__ == "__main__":
    main()

"""Time and memory of one training step of the contrastive loss, beside a plain full-matrix loss and open_clip's.

    python -m benchmarks.loss                                   everything, some minutes on an idle machine
    python -m benchmarks.loss --sizes 1024 4096 --repeats 3     a quick look
    python -m benchmarks.loss --device cuda                     on a GPU
    python -m benchmarks.loss --peer DIR                        beside open_clip as well, installed by
                                                                pip install --no-deps --target DIR open_clip_torch

A step is the loss of n pairs of 512 numbers and its gradients by both sides and the scale. Every measurement is a
process of its own that takes one step to warm up; the contestants take turns, and the median is printed. Memory is the
peak resident size over what was resident before the first step (inputs made); on a GPU it is torch's own peak there,
and time includes waiting for the GPU. A contestant that would need more
than 60 % of the free memory is skipped, with the reason. Writes results/loss.json and results/loss.md beside this file
(on a GPU loss_cuda.json and loss_cuda.md).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
WIDTH = 512
CONTESTANTS = {
    "cpu": ("antiphon", "antiphon float32", "naive", "naive bfloat16", "open_clip"),
    # bfloat16: pairs that are bfloat16 to begin with, which Antiphon raises to float32.
    "cuda": ("antiphon", "antiphon bfloat16", "naive", "naive bfloat16", "open_clip"),
}
STEPS = {"cpu": 2, "cuda": 10}
LONG = 50_000
"""Pairs from which a single run is made on a CPU: it takes minutes."""
# n × n float32 matrices alive at once at the peak of a step, counted on small batches.
MATRICES = {"naive": 5, "naive bfloat16": 5, "open_clip": 6}


def peer_loss(folder: str) -> Any:
    """open_clip's loss from its file alone: importing the package asks for torchvision."""
    path = Path(folder) / "open_clip" / "loss.py"
    spec = importlib.util.spec_from_file_location("open_clip_loss", path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ClipLoss()


def contestant(name: str, n: int, peer: str, device: str) -> Callable[[Any, Any, Any], Any]:
    import torch
    from torch.nn.functional import cross_entropy

    from antiphon.align.losses import matmul as products
    from antiphon.align.losses.infonce import info_nce
    from antiphon.align.losses.targets import Positives

    if name == "naive bfloat16" and device == "cpu":
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"
    if name == "antiphon float32":
        products.BFLOAT16_FROM_CELLS = sys.maxsize
    if name.startswith("antiphon"):
        positives = Positives.diagonal(n, device=device)
        return lambda text, audio, scale: info_nce(text, audio, scale, positives)
    if name == "open_clip":
        clip = peer_loss(peer)
        return lambda text, audio, scale: clip(audio, text, scale)
    target = torch.arange(n, device=device)

    def naive(text: Any, audio: Any, scale: Any) -> Any:
        logits = (text @ audio.T).float() * scale if text.dtype == torch.bfloat16 else scale * text @ audio.T
        return (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2

    return naive


def measure(name: str, n: int, scale: float, threads: int, peer: str, device: str) -> dict[str, float]:
    import torch
    from torch.nn.functional import normalize

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    text = normalize(torch.randn(n, WIDTH), dim=1)
    audio = normalize(text + normalize(torch.randn(n, WIDTH), dim=1), dim=1)
    lower = device == "cuda" and name.endswith("bfloat16")
    text, audio = (x.to(device, torch.bfloat16 if lower else torch.float32) for x in (text, audio))
    factor = torch.tensor(scale, device=device, requires_grad=True)
    inputs = (text.requires_grad_(), audio.requires_grad_(), factor)
    step = contestant(name, n, peer, device)
    before = memory(device, "VmRSS")
    found: dict[str, float] = {}
    for _ in range(STEPS[device]):
        for tensor in inputs:
            tensor.grad = None
        start, cpu = time.perf_counter(), time.process_time()
        loss = step(*inputs)
        loss.backward()
        if device == "cuda":
            torch.cuda.synchronize()
        found = {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu, "loss": loss.item()}
    return {**found, "mebibytes": memory(device, "VmHWM") - before}


def memory(device: str, field: str) -> float:
    """MiB in use (VmRSS) or at the peak (VmHWM)."""
    if device == "cpu":
        return resident(field)
    import torch

    used = torch.cuda.memory_allocated if field == "VmRSS" else torch.cuda.max_memory_allocated
    return float(used()) / 2**20


def resident(field: str) -> float:
    """MiB from Linux's own account (getrusage would count what the parent process had)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return float(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


def available_bytes(device: str) -> float:
    if device == "cuda":
        import torch

        return float(torch.cuda.mem_get_info()[0])
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable"):
            return float(line.split()[1]) * 1024
    return math.inf


def reason_to_skip(name: str, n: int, peer: str, device: str) -> str:
    if name == "open_clip" and not (Path(peer) / "open_clip" / "loss.py").exists():
        return "open_clip_torch is not in --peer"
    need = MATRICES.get(name, 0) * 4.0 * n * n
    return f"would need about {need / 2**30:.0f} GiB" if need > 0.6 * available_bytes(device) else ""


def processor(device: str) -> str:
    if device == "cuda":
        import torch

        return torch.cuda.get_device_name()
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
        fields = {key.strip(): value.strip() for key, value in lines.items()}
        flags = [flag for flag in ("avx512_bf16", "amx_bf16") if flag in fields.get("flags", "").split()]
        name = f"{fields.get('model name', name)} ({', '.join(flags) or 'no bfloat16 instructions'})"
    return name


def run_size(n: int, repeats: int, scale: float, threads: int, peer: str, device: str) -> list[dict[str, Any]]:
    contestants = CONTESTANTS[device]
    skipped = {name: reason_to_skip(name, n, peer, device) for name in contestants}
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in contestants}
    for _ in range(1 if device == "cpu" and n >= LONG else repeats):
        for name in contestants:
            if not skipped[name]:
                command = [
                    sys.executable,
                    "-m",
                    "benchmarks.loss",
                    "--one",
                    name,
                    "--sizes",
                    str(n),
                    "--scale",
                    str(scale),
                ]
                command += ["--threads", str(threads), "--peer", peer, "--device", device]
                output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                taken[name].append(json.loads(output.splitlines()[-1]))
                print(n, name, output.splitlines()[-1], file=sys.stderr, flush=True)
    return [row_of(n, name, skipped[name], taken[name]) for name in contestants]


def row_of(n: int, name: str, skipped: str, runs: list[dict[str, float]]) -> dict[str, Any]:
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]} if runs else {}
    return {"n": n, "contestant": name, "skipped": skipped, **medians}


def as_markdown(report: dict[str, Any]) -> str:
    lines = [
        "# One step of the contrastive loss",
        "",
        f"{report['date']}, {report['threads']} threads of {report['processor']}, torch {report['torch']}. "
        f"Pairs of {WIDTH} numbers, scale {report['scale']:g}, medians of {report['repeats']} runs that took turns "
        f"(one run from {LONG:,} pairs on). "
        f"Load average at the start {report['load']:.1f}. Made by `python -m benchmarks.loss`.",
        "",
        "| pairs | contestant | seconds | CPU seconds | peak MiB over the inputs | loss |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in report["rows"]:
        if row["skipped"]:
            lines.append(f"| {row['n']:,} | {row['contestant']} | skipped: {row['skipped']} | | | |")
        else:
            lines.append(
                f"| {row['n']:,} | {row['contestant']} | {row['seconds']:.3f} | {row['cpu_seconds']:.3f} "
                f"| {row['mebibytes']:,.0f} | {row['loss']:.5f} |"
            )
    if report["device"] == "cpu":
        lines += [
            "",
            "On a GPU: [loss_cuda.md](loss_cuda.md).",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1024, 4096, 16384, 32768, 65536])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scale", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer", default="")
    parser.add_argument("--device", choices=tuple(CONTESTANTS), default="cpu")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for loss.json and loss.md")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        one = chosen.one, chosen.sizes[0], chosen.scale, chosen.threads, chosen.peer, chosen.device
        print(json.dumps(measure(*one)))
        return
    import torch

    report: dict[str, Any] = {
        "date": date.today().isoformat(),
        "device": chosen.device,
        "processor": processor(chosen.device),
        "threads": chosen.threads,
        "torch": torch.__version__,
        "scale": chosen.scale,
        "repeats": chosen.repeats,
        "load": os.getloadavg()[0],
        "rows": [],
    }
    for n in chosen.sizes:
        report["rows"] += run_size(n, chosen.repeats, chosen.scale, chosen.threads, chosen.peer, chosen.device)
        write(report, chosen.out)
    print(as_markdown(report))


def write(report: dict[str, Any], folder: Path) -> None:
    """After every size, so that a run cut short keeps what it measured."""
    folder.mkdir(exist_ok=True)
    name = "loss" if report["device"] == "cpu" else "loss_cuda"
    (folder / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / f"{name}.md").write_text(as_markdown(report))


if __name__ == "__main__":
    main()

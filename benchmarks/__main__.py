"""Run every benchmark, or some: each is a script of its own that writes to benchmarks/results/.

    python -m benchmarks                                  all of them
    python -m benchmarks training loss                    some
    python -m benchmarks --install-peers --peers DIR      put the optional peers into DIR with pip, and stop
    python -m benchmarks --peers DIR                      with them; or set ANTIPHON_PEERS

A peer that is not there is skipped, and the result says so.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PEERS = (
    "open_clip_torch==3.3.0",
    "pytorch-metric-learning==2.9.0",
    *("lancedb==0.40.0", "lance-namespace==0.13.0", "lance-namespace-urllib3-client==0.13.0", "overrides==7.7.0"),
    *(
        "deprecation==2.1.0",
        "pydantic==2.14.4",
        "pydantic-core==2.50.5",
        "annotated-types==0.8.0",
        "typing-inspection==0.4.5",
    ),  # what lancedb loads
)


def scripts() -> list[str]:
    """Names of the benchmarks."""
    return sorted(info.name for info in pkgutil.iter_modules([str(HERE)]) if info.name != "__main__")


def install(folder: str) -> int:
    """Only the packages themselves: their dependencies would replace torch, and the losses need none of the rest."""
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--upgrade", "--target", folder, *PEERS]
    return subprocess.run(command, check=False).returncode


def run(name: str, peers: str) -> bool:
    environment = {**os.environ, "ANTIPHON_PEERS": peers, "PYTHONPATH": str(HERE.parent)}
    print(f"== {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *(["--peer", peers] if name == "loss" else [])]
    done = subprocess.run(command, env=environment, check=False)
    print(f"== {name}: {'done' if done.returncode == 0 else f'failed with exit code {done.returncode}'}", flush=True)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(scripts())}; all by default")
    parser.add_argument("--peers", default=os.environ.get("ANTIPHON_PEERS", ""), help="folder of the optional peers")
    parser.add_argument("--install-peers", action="store_true", help="install them there with pip, and stop")
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in scripts()]
    if unknown:
        parser.error(f"no benchmark called {', '.join(unknown)}; there are: {', '.join(scripts())}")
    if chosen.install_peers:
        return install(chosen.peers) if chosen.peers else parser.error("--install-peers needs --peers DIR")
    if not chosen.peers:
        print("No --peers: open_clip and pytorch-metric-learning will be skipped.", file=sys.stderr)
    results = [run(name, chosen.peers) for name in chosen.names or scripts()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

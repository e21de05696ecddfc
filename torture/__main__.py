"""Run the attacks: ``python -m torture [crash] [fuzz] [--seconds 60] [--seed 0]``; exit code 1 where one succeeds.

Every attack stops after its number of seconds. What a damaged file did is printed with the file, which is kept in
``torture/found/``.
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # children are forked, and threads do not survive that
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> int:
    """Read the options, run the attacks."""
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__.splitlines()[0])
    parser.add_argument("attacks", nargs="*", choices=["crash", "fuzz", []], help="both by default")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each attack")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    from torture import crash, fuzz  # after the number of threads is set

    attacks = {"crash": crash.attack, "fuzz": fuzz.attack}
    passed, failures = 0, []
    for name in chosen.attacks or attacks:
        result = attacks[name](seconds=chosen.seconds, seed=chosen.seed)
        print(f"{name}: {result.tried} tried, {len(result.failures)} succeeded{result.remark}")
        failures += result.failures
        passed += result.tried - len(result.failures)
    for failure in failures:
        print(f"  {failure}")
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""Renew a golden file on purpose: ``python -m tests.helpers.measured.golden retrieval``; then review the difference."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "golden"


def retrieval() -> object:
    from antiphon.metrics.retrieval import retrieval as measure
    from tests.helpers.measured.spaces import made_up_space

    return measure(*made_up_space(seed=7), resamples=200, seed=1)


MAKERS = {"retrieval": retrieval}

if __name__ == "__main__":
    for name in sys.argv[1:]:
        (FOLDER / f"{name}.json").write_text(json.dumps(MAKERS[name](), indent=2) + "\n")

"""The command ``antiphon`` in a process of its own, forked from one that has loaded torch once for all of them.

Nothing of Antiphon is loaded before the fork: each command imports what it needs, as it does when a shell starts it.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

LIBRARIES = ["torch", "torch.utils.data", "numpy", "pyarrow", "pyarrow.parquet", "pyarrow.compute", "pandas"]
"""Not ours, and most of a start's time."""


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with this process's environment and nothing to read from its standard input."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        code = forked(_main, arguments, str(cwd or Path.cwd()), dict(os.environ), out, err)
        shown, told = out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
    return subprocess.CompletedProcess(["antiphon", *arguments], code, shown, told)


def forked(work: Callable[..., None], *arguments: object) -> int:
    """Call a module's function in such a process; returns its exit code, below 0 where a signal ended it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    child = context.Process(target=work, args=arguments)
    child.start()
    child.join()
    assert child.exitcode is not None
    return child.exitcode


def _main(arguments: tuple[str, ...], cwd: str, environment: dict[str, str], out: Path, err: Path) -> None:
    """What the child does: its streams are files, then it is ``python -m antiphon``."""
    for number, path in ((1, out), (2, err)):
        with path.open("wb") as stream:
            os.dup2(stream.fileno(), number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["antiphon", *arguments]
    from antiphon.__main__ import main

    main()

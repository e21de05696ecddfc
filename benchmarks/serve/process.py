"""One process of `antiphon serve`, and what it holds in memory."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server(library: Path) -> Iterator[tuple[int, int]]:
    """Port and process id of one that answers for a library."""
    command = [sys.executable, "-m", "antiphon", "serve", str(library), "--port", "0", "--rate", "0", "--log", "quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _port(process), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _port(process: subprocess.Popen[str]) -> int:
    said = []
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop the server
            return int(found[1])
    raise RuntimeError("the server ended: " + "".join(said))


def memory_mb(pid: int) -> tuple[float, float]:
    """What the process holds for itself, and what it has read of mapped files (which the system may drop), MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    own, mapped = (int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1000 for field in ("RssAnon", "RssFile"))  # type: ignore[index]
    return own, mapped

"""An embedding run in a process of its own, to be stopped or killed in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import signal
import sys
from pathlib import Path
from antiphon.embed import embed_audio
from antiphon.embed.ray_engine import embed_audio_ray
from antiphon.registry import LoadOptions
# a shell that starts the tests in the background has its children ignore Ctrl-C
signal.signal(signal.SIGINT, signal.default_int_handler)
def shown(p):
    print(p.done, flush=True)
root, name, how = sys.argv[1:]
try:
    if how == "ray":
        reports = embed_audio_ray(Path(root), [name], actors=2, batch_seconds=1, on_progress=shown)
    else:
        options = LoadOptions(device=how)
        reports = embed_audio(Path(root), [name], options=options, jobs=1, batch_seconds=1, on_progress=shown)
    for report in reports:
        print(*report.lines(), sep="\\n")
except KeyboardInterrupt as stop:
    print(stop)
    sys.exit(130)
"""


def start(root: Path, name: str, plugin: Path, how: str = "cpu", *, quick: int = 5) -> subprocess.Popen[str]:
    """Begin; ``how`` is a device, several, or ``"ray"``.

    The first ``quick`` batches of a fake encoder take a tenth of a second, the others one: a signal comes before the
    last of them, also where whoever sends it has to wait for a processor.
    """
    found = os.pathsep.join(filter(None, (str(plugin), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": found, "FAKE_SLEEP": "0.1", "FAKE_QUICK": str(quick)}
    command = [sys.executable, "-c", PROGRAM, str(root), name, how]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_done(process: subprocess.Popen[str], count: int) -> None:
    """Wait until so many tracks are done."""
    for line in process.stdout or ():
        if int(line) >= count:
            return

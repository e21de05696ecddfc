"""A process of its own with a pipe, for decoding or for a device.

A child is a plain Python process, not a fork: nothing of the main process, its threads and its models, is inherited,
and the caller's script is not run again. It gets a pipe and the module search path.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import connection
from typing import IO

THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
POLL_S = 0.2
"""Longest time that the main process waits for news of its children before it looks at other things."""
MEMORY = 2 << 30
"""Bytes that a worker may take beyond what it holds when its encoders are loaded: a file must not fill the machine."""
_PROGRAM = "import sys; sys.path[:] = sys.argv[2].split(chr(10)); from {} import main; main(int(sys.argv[1]))"


class Child:
    """Runs ``main(descriptor)`` of a module, which talks through the pipe at that file descriptor.

    Parameters
    ----------
    module : full name of the module.
    first : sent as the first message.
    environment : variables that it gets beside those of this process.
    """

    def __init__(self, module: str, first: object, environment: dict[str, str]) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM.format(module), str(theirs.fileno()), "\n".join(sys.path)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env={**os.environ, **environment},
            )
        self.pipe = connection.Connection(ours.detach())
        self.pipe.send(first)

    def close(self) -> None:
        """End the process, whatever it is at."""
        self.pipe.close()
        self.process.kill()
        self.process.wait()
        self._errors.close()

    def cause_of_death(self) -> str:
        """In words, after the pipe broke."""
        try:
            code = self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "closed its pipe"
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            return f"{name}, perhaps out of memory" if -code == signal.SIGKILL else name
        return f"exit status {code}"

    def last_words(self) -> str:
        """The last line that it wrote to its standard error, or that there is none."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def limit_memory() -> None:
    """Let this process take ``MEMORY`` more bytes and no more; without effect on systems that cannot say or limit."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 - no file of a user
            held = int(stream.read().split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = held + MEMORY
        if most == resource.RLIM_INFINITY or wanted < most:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, most))
    except (OSError, ValueError):
        return


def serve(descriptor: int, talk: Callable[[connection.Connection], None]) -> None:
    """The child's side: talk through the pipe until the main process closes it or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole terminal; the main process decides
    try:
        with connection.Connection(descriptor) as pipe:
            talk(pipe)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return

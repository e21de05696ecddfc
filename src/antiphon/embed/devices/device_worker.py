"""The process of one device: asks the main process for files and sends back what comes of them.

It says what makes its vectors (a list), then "idle" for the first files of a run, "more" in the middle of one, and
steps in between. It gets lists of files; an empty one after "more" means that there are none, and the run ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from multiprocessing.connection import Connection

from antiphon.embed.devices.actor import Actor, Orders
from antiphon.embed.workers.child import serve
from antiphon.embed.workers.messages import Task


def main(descriptor: int) -> None:
    """Serve the main process at the other end of the pipe until it closes it or dies."""
    serve(descriptor, _serve)


def _serve(pipe: Connection) -> None:
    orders: Orders = pipe.recv()
    actor = Actor(orders)
    if actor.refused is not None:
        return pipe.send(actor.refused)
    pipe.send(actor.made_by)
    while True:
        for step in actor.steps(_ask(pipe, "idle"), partial(_ask, pipe, "more")):
            pipe.send(step)


def _ask(pipe: Connection, how: str) -> Sequence[Task]:
    pipe.send(how)
    tasks: list[Task] = pipe.recv()
    return tasks

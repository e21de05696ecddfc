"""How long a command still takes, as its progress bar shows it."""

from __future__ import annotations

from datetime import timedelta

from rich.progress import ProgressColumn, Task
from rich.text import Text

__all__ = ["TimeLeft", "time_left"]

SETTLES = 3.0
"""Seconds before a pace is shown."""
UNKNOWN = "-:--:--"


def time_left(seconds: float, done: float, remaining: float) -> str:
    """Time to go, ``h:mm:ss``, at the mean pace so far.

    Parameters
    ----------
    seconds : since the bar was first shown.
    done : what was done in them.
    remaining : what is left to do.
    """
    if done <= 0 or seconds < SETTLES:
        return UNKNOWN
    return str(timedelta(seconds=round(seconds * remaining / done)))


class TimeLeft(ProgressColumn):
    """Time to go at the mean pace since the bar was shown.

    Models hear sound in batches, so files end in bursts, minutes apart on a slow machine. rich's own column takes the
    pace within the last burst for the pace of the whole, and promises an end in a second. Tasks need the field
    ``first``: what was done when the bar was first shown.
    """

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """The column of one task."""
        done = task.completed - float(task.fields["first"])
        return Text(time_left(task.elapsed or 0.0, done, task.remaining or 0.0), style="progress.remaining")

"""A handful of counters in the text that Prometheus reads.

Routes are counted by their templates (``/v1/tracks/{track_id}``): there are as many as the server has routes, whatever
strangers ask for. All is counted in the server's one event loop.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram's buckets."""


@dataclass
class Histogram:
    """How long answers took, (len(SECONDS) + 1,) counts and their sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one answer."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.total += seconds


@dataclass
class Counters:
    """What a server has answered since it started."""

    running: int = 0
    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, Histogram] = field(default_factory=dict)

    def add(self, method: str, route: str, status: int, seconds: float, refused: str | None) -> None:
        """Count one answer.

        Parameters
        ----------
        route : its template.
        refused : why it was refused, in a word; None where it was not.
        """
        self.requests[method, route, status] += 1
        self.seconds.setdefault(route, Histogram()).add(seconds)
        if refused is not None:
            self.refused[refused] += 1

    def text(self) -> str:
        """All of it as Prometheus reads it."""
        lines = [
            *_about("antiphon_requests_running", "gauge", "Requests that are being answered."),
            f"antiphon_requests_running {self.running}",
            *_about("antiphon_requests_total", "counter", "Requests answered."),
            *(
                _line("antiphon_requests_total", {"method": method, "route": route, "status": str(status)}, count)
                for (method, route, status), count in sorted(self.requests.items())
            ),
            *_about("antiphon_refused_total", "counter", "Requests refused, by reason."),
            *(_line("antiphon_refused_total", {"reason": why}, n) for why, n in sorted(self.refused.items())),
            *_about("antiphon_request_seconds", "histogram", "Time to the end of an answer."),
            *(line for route, found in sorted(self.seconds.items()) for line in _histogram(route, found)),
        ]
        return "\n".join(lines) + "\n"


def _histogram(route: str, found: Histogram) -> Iterable[str]:
    name, below = "antiphon_request_seconds", 0
    for bound, count in zip((*map(str, SECONDS), "+Inf"), found.counts, strict=True):
        below += count
        yield _line(f"{name}_bucket", {"route": route, "le": bound}, below)
    yield _line(f"{name}_sum", {"route": route}, round(found.total, 6))
    yield _line(f"{name}_count", {"route": route}, below)


def _about(name: str, kind: str, words: str) -> tuple[str, str]:
    return f"# HELP {name} {words}", f"# TYPE {name} {kind}"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    named = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{named}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

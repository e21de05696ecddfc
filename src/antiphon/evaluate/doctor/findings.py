"""What the training doctor says: findings, and how grave they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["good", "note", "warning", "problem"]
SEVERITIES: tuple[Severity, ...] = ("problem", "warning", "note", "good")
SETTINGS = "settings.toml"
"""What commands call the file that a user writes changed settings into."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation.

    Parameters
    ----------
    id : which observation it is, the same for every training and in every version: ``"overfitting"``.
    severity : ``"good"``, ``"note"``, ``"warning"`` or ``"problem"``.
    title : what was found.
    evidence : the numbers behind it.
    why : why it matters, in one sentence; empty where the title says it.
    advice : what to do; empty where nothing is to be done.
    command : the command that does it; empty where there is none.
    epochs : where on the curves it is to be seen; empty where it is about no epoch.
    """

    id: str
    severity: Severity
    title: str
    evidence: str
    why: str = ""
    advice: str = ""
    command: str = ""
    epochs: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

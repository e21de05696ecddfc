"""Groups: tracks that must stay on one side of a split, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Join:
    """Evidence that two tracks belong into one group.

    Parameters
    ----------
    a, b : track ids.
    reason : the kind of evidence, a short noun phrase ("same file content", "paraphrased caption", …).
    evidence : what was seen, for a person to check ("cosine 0.998 in timbre", the two captions, …).
    """

    a: str
    b: str
    reason: str
    evidence: str

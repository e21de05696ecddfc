"""What waits for an encoder, by what is on disk: nothing is opened for writing, and no lock is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.embed.sources import AWAY, same_content
from antiphon.library.vectors.rows import Row, read_rows
from antiphon.library.vectors.windows import has_windows


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The tracks or captions of a library, as they are for one encoder.

    Parameters
    ----------
    positions : of those that it would read or hear, in the order of the library.
    new, changed, again : how many of them it never had; whose content is another now; that failed before, or whose
        vectors were damaged.
    current : how many have a good vector of what they are now.
    skipped : reason → how many are left out.
    windows : whether windows are kept beside the vectors.
    """

    positions: tuple[int, ...]
    new: int
    changed: int
    again: int
    current: int
    skipped: Mapping[str, int]
    windows: bool = False


def waiting_for(folder: Path, ids: Sequence[str], signatures: Sequence[str], *, retry_failed: bool) -> Waiting:
    """What an embedding into a folder would take up, just as it would itself decide.

    Parameters
    ----------
    folder : of the encoder's vectors; it need not be there.
    ids, signatures : of all items, as :mod:`antiphon.embed.sources` signs them.

    Raises
    ------
    EmbeddingError : the table there is damaged.
    """
    rows = {row.id: row for row in read_rows(folder)}
    positions: list[int] = []
    counts: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for position, (item, now) in enumerate(zip(ids, signatures, strict=True)):
        kind, reason = _kind(rows.get(item), now, retry_failed=retry_failed)
        counts[kind] += 1
        if kind in ("new", "changed", "again"):
            positions.append(position)
        if reason:
            skipped[reason] += 1
    return Waiting(
        positions=tuple(positions),
        new=counts["new"],
        changed=counts["changed"],
        again=counts["again"],
        current=counts["current"],
        skipped=dict(skipped.most_common()),
        windows=has_windows(folder),
    )


def _kind(row: Row | None, now: str, *, retry_failed: bool) -> tuple[str, str]:
    """What an item is, and why it is left out if it is."""
    if row is None:
        return ("skipped", AWAY[now]) if now in AWAY else ("new", "")
    if now in AWAY:
        return ("current", "") if row.status == "ok" else ("skipped", AWAY[now])
    same = row.signature == now or same_content(row.signature, now)
    if row.status == "failed":
        if same and not retry_failed:
            return "skipped", f"failed before: {row.error}"
        return "again", ""
    return ("current", "") if same else ("changed", "")

"""What an index says of itself to a person."""

from __future__ import annotations

from antiphon.search.indexes.exact import Index


def index_lines(index: Index, checkpoint: str) -> list[str]:
    """How large an index is, and what its last writing changed; a sentence each.

    Parameters
    ----------
    checkpoint : the name of the checkpoint's file.
    """
    n, size = index.vectors.shape
    changes = index.about["changes"]
    lines = [f"Indexed {n:,} tracks in {size} dimensions with {checkpoint}."]
    if changes["kept"]:
        said = [f"{changes[what]:,} {what}" for what in ("new", "changed", "gone") if changes[what]]
        lines.append(f"{changes['kept']:,} stayed as they were; {', '.join(said) or 'nothing else changed'}.")
    return lines + _how_it_answers(index)


def _how_it_answers(index: Index) -> list[str]:
    lists = index.about.get("approximate")
    if lists is not None:
        return [
            f"Large: answers come from {lists['probes']} of {lists['lists']:,} inverted lists. Measured on "
            f"{lists['queries']} {lists['asked']}, {100 * lists['recall@10']:.1f} % of the exact top ten are found."
        ]
    why = index.about.get("exact_because")
    return [f"Large: every answer looks at all tracks, since {why}."] if why else []

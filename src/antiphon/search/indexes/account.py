"""What an index says of itself to a person."""

from __future__ import annotations

from antiphon.printed import counted
from antiphon.search.indexes.exact import Index


def index_lines(index: Index, checkpoint: str, dim: int) -> list[str]:
    """How large an index is, and what its last writing changed; a sentence each.

    Parameters
    ----------
    checkpoint : the name of the checkpoint's file.
    dim : of its shared space. Rows of the index are longer where scores are corrected for hubness.
    """
    changes = index.about["changes"]
    lines = [indexed_line(len(index), dim, checkpoint)]
    if changes["kept"]:
        said = [f"{changes[what]:,} {what}" for what in ("new", "changed", "gone") if changes[what]]
        lines.append(f"{changes['kept']:,} stayed as they were; {', '.join(said) or 'nothing else changed'}.")
    return lines + _how_it_answers(index)


def indexed_line(tracks: int, dim: int, checkpoint: str) -> str:
    """How many tracks are in an index, of whatever kind, and in which space; parameters as :func:`index_lines`."""
    return f"Indexed {counted(tracks, 'track')} in {dim} dimensions with {checkpoint}."


def _how_it_answers(index: Index) -> list[str]:
    lists = index.about.get("approximate")
    if lists is not None:
        return [
            f"Large: answers come from {lists['probes']} of {lists['lists']:,} inverted lists. Measured on "
            f"{lists['queries']} {lists['asked']}, {100 * lists['recall@10']:.1f} % of the exact top ten are found."
        ]
    why = index.about.get("exact_because")
    return [f"Large: every answer looks at all tracks, since {why}."] if why else []

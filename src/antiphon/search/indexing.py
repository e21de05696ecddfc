"""A library's tracks into an index: its own, ready for searches that start at once, or a Milvus collection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from antiphon.align.checkpoint.sealed import shown_name
from antiphon.printed import Printed
from antiphon.search.answers.fit.keeping import calibrate
from antiphon.search.indexes.account import index_lines
from antiphon.search.indexes.build import build_index
from antiphon.search.light.preparing import prepare
from antiphon.search.milvus.address import address_of
from antiphon.search.milvus.build import fill_collection
from antiphon.search.searcher import Searcher


@dataclass(frozen=True, kw_only=True)
class Indexed(Printed):
    """What indexing came to.

    Parameters
    ----------
    tracks : in the index.
    dim : of the shared space.
    checkpoint : name of the checkpoint's file.
    account : all of it, a sentence each.
    """

    tracks: int
    dim: int
    checkpoint: str
    account: tuple[str, ...]

    def lines(self) -> list[str]:
        """For people."""
        return list(self.account)


def index_library(root: Path, checkpoint: Path, *, anew: bool = False, exact_bytes: int | None = None) -> Indexed:
    """Bring a library's own index up to date, with what judges answers and what starts searches without torch.

    Parameters
    ----------
    anew, exact_bytes : as for :func:`antiphon.search.indexes.build.build_index`; errors as there.
    """
    index = build_index(root, checkpoint, anew=anew, exact_bytes=exact_bytes)
    searcher = Searcher(root, checkpoint)
    calibrate(searcher)
    record = prepare(searcher)
    dim, name = searcher.model.dim, shown_name(checkpoint)
    told = ["Searches start without torch."] if record is not None and record.folder else []
    return Indexed(tracks=len(index), dim=dim, checkpoint=name, account=(*index_lines(index, name, dim), *told))


def index_in_milvus(root: Path, checkpoint: Path, address: str) -> Indexed:
    """Bring a Milvus collection up to date; errors as :func:`antiphon.search.milvus.build.fill_collection`.

    Raises
    ------
    ConfigError : ``address`` is none.
    """
    filled, name = fill_collection(root, checkpoint, address_of(address)), shown_name(checkpoint)
    return Indexed(
        tracks=filled.kept + filled.put, dim=filled.dim, checkpoint=name, account=tuple(filled.lines(name, address))
    )

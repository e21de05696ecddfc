"""What people have said of answers, and what trainings make of it: files are read anew only where they have changed."""

from __future__ import annotations

import threading
from pathlib import Path

from antiphon.library.judgements.file import NAME, Judgements, read_judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.judgements.lesson import Descriptions
from antiphon.library.tracks import Library
from antiphon.search.light.record import stamps
from antiphon.texts import normalised_text

Stamp = tuple[int, int] | None


class OpenedJudgements:
    """The judgements of one library, by the words that were asked.

    Parameters
    ----------
    root : the library.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._turn = threading.Lock()
        self._stamp: Stamp = None
        self._read = Judgements()
        self._of_words: dict[str, list[Judgement]] = {}

    def of(self, words: str) -> tuple[list[Judgement], tuple[str, ...]]:
        """The judgement that counts of each track that was judged for some words, and what is to be said of the file.

        Raises
        ------
        LibraryError : the file cannot be read, or a line of it is no judgement.
        """
        with self._turn:
            stamp = self._on_disk()
            if stamp != self._stamp or stamp is None:
                self._read = read_judgements(self._root)
                self._of_words = _by_words(self._read)
                self._stamp = stamp
            return list(self._of_words.get(normalised_text(words), ())), self._read.remarks

    def _on_disk(self) -> Stamp:
        try:
            found = (self._root / NAME).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _by_words(judgements: Judgements) -> dict[str, list[Judgement]]:
    found: dict[str, list[Judgement]] = {}
    for (words, _), judgement in judgements.latest.items():
        found.setdefault(words, []).append(judgement)
    return found


class OpenedLessons:
    """What trainings make of judgements of one library, as its tables are on disk.

    Parameters
    ----------
    root : the library.
    """

    def __init__(self, root: Path) -> None:
        self._files = [root / f"{name}.parquet" for name in ("tracks", "captions", "made_captions")]
        self._root = root
        self._turn = threading.Lock()
        self._seen: dict[str, str] = {}
        self._read: Descriptions | None = None

    def of(self, judgement: Judgement) -> str:
        """A sentence.

        Raises
        ------
        LibraryError : a table is damaged.
        KeyError : there is no such track.
        """
        with self._turn:
            seen = stamps(self._files)
            if self._read is None or seen != self._seen:
                self._read, self._seen = Descriptions(Library(self._root)), seen
            return self._read.lesson(judgement)

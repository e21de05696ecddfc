"""The state that answers now, and the one that takes its place when the library's files change.

Files are looked at, by size, number and time, at most once a second and only when somebody asks. A new state is opened
beside the old one, in a thread of its own, and takes its place when it is whole: requests in flight end on the old one.
Whoever asks first after a change gets the new state where opening is quick, and the old one where that takes long.
A state that cannot be opened never takes the place of one that answers.

Which changes count: before a training all of them, but so that only a small part of the time goes into opening. With a
training new vectors count once they are in its index. What answers without loading a checkpoint goes on until the same
is prepared anew, as ``antiphon index`` does, for a new training too; only where nobody does that is it left behind.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from antiphon.errors import AntiphonError, LibraryError
from antiphon.library.lock import writer_of
from antiphon.search.light.opening import NEEDED
from antiphon.search.light.record import NAME as LIGHT
from antiphon.search.light.record import stamps
from antiphon.search.server.opened.state import Opened, open_library

LOG = logging.getLogger("antiphon.server")
LOOK_S = 1.0
"""Between two looks at the files."""
SHARE, MOST_S = 0.1, 20.0
"""Of the time that goes into opening while a library grows, at most; and how long that may put off what is new."""
LEFT_BEHIND_S = 300.0
"""How long answers come from what is out of date before it is opened anew with what that takes."""
QUICK_S = 0.3
"""What whoever asks waits for a new state, where the one before was open within that time."""
AGAIN_S = 30.0
"""After a failure the same files are tried again."""
SETTLED_S = 10.0
"""For which files have to stay as they are before an index of them is worth its time."""
TRAININGS = "checkpoints/*_best_r1.pt"
Stamps = dict[str, str]


class NotReadyError(LibraryError):
    """The library is not there yet."""


@dataclass(frozen=True, kw_only=True)
class _State:
    """What is open, and the files that it was opened of."""

    opened: Opened
    files: Stamps


@dataclass(frozen=True, kw_only=True)
class _Change:
    """Files that are others than those of what is open, and when that was seen: at first, and as they lie now."""

    files: Stamps
    first: float
    last: float


@dataclass(frozen=True, kw_only=True)
class _Try:
    """The last time that opening was tried: when it ended, of which files it failed and why; how long opening takes."""

    ended: float = 0.0
    took: float = 0.0
    failed: Stamps | None = None
    problem: str = ""


class Current:
    """What is open of a library now.

    Parameters
    ----------
    root : the library; it may not be there yet.
    opening : opens its state.
    clock : tells the time, seconds.

    Raises
    ------
    LibraryError : there is a library, and it cannot be opened.
    """

    def __init__(
        self,
        root: Path,
        *,
        opening: Callable[[Path], Opened] = open_library,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root, self._opening, self._clock = root, opening, clock
        self._state: _State | None = None
        self._change: _Change | None = None
        self._tried = _Try()
        self._looked = 0.0
        self._index_wanted_for: _Change | None = None
        self._busy = threading.Lock()
        if (root / "library.json").exists():
            self._open(self._on_disk())

    @property
    def problem(self) -> str:
        """Why the files as they are now cannot be opened, and an older state answers; "" where they can."""
        return self._tried.problem

    @property
    def opened(self) -> Opened | None:
        """The state that answers now, without a look at the files; None where there is no library yet."""
        state = self._state
        return None if state is None else state.opened

    @property
    def wants_index(self) -> bool:
        """Whether files have changed, nobody writes them any more, and only an index of them is missing; said once."""
        change, opened = self._change, self.opened
        if opened is None or change is None or change is self._index_wanted_for or not self._waits_for_index(opened):
            return False
        if self._clock() - change.last < SETTLED_S or _writers(self._root):
            return False
        self._index_wanted_for = change
        return True

    def get(self) -> Opened:
        """The state that answers now.

        Raises
        ------
        NotReadyError : there is no library yet.
        """
        if self._clock() - self._looked >= LOOK_S and self._busy.acquire(blocking=False):
            try:
                self._looked = self._clock()
                seen = self._on_disk()
                begin = self._is_due(seen)
            except BaseException:
                self._busy.release()
                raise
            if begin:
                opening = threading.Thread(target=self._replace, args=(seen,), name="opening", daemon=True)
                opening.start()
                opening.join(QUICK_S if self._tried.took <= QUICK_S else 0.0)
            else:
                self._busy.release()
        return self._whole()

    def refresh(self) -> Opened:
        """Look now, and wait for what is opened; whatever changed counts."""
        with self._busy:
            seen = self._on_disk()
            if self._state is None or seen != self._state.files:
                self._try(seen)
        return self._whole()

    def _whole(self) -> Opened:
        opened = self.opened
        if opened is None:
            raise NotReadyError("There is no music here yet: it is being read.", fix="Ask again in a moment.")
        return opened

    def _replace(self, seen: Stamps) -> None:
        try:
            self._try(seen)
        finally:
            self._busy.release()

    def _try(self, seen: Stamps) -> None:
        try:
            self._open(seen)
        except AntiphonError as error:
            problem = f"The library's files have changed and cannot be opened: {error.problem}"
        except Exception:  # whatever it is, what answers goes on
            LOG.exception("opening %s", self._root)
            problem = "The library's files have changed and cannot be opened; the server's log says why."
        else:
            return
        self._tried = replace(self._tried, ended=self._clock(), failed=seen, problem=problem)

    def _open(self, seen: Stamps) -> None:
        began = self._clock()
        self._state = _State(opened=self._opening(self._root), files=seen)
        self._change = None
        ended = self._clock()
        self._tried = _Try(ended=ended, took=ended - began)

    def _is_due(self, seen: Stamps) -> bool:
        """Whether what is on disk is to be opened now."""
        now, state, tried = self._clock(), self._state, self._tried
        if seen == tried.failed and now - tried.ended < AGAIN_S:
            return False
        if state is None:
            return str((self._root / "library.json").absolute()) in seen
        differing = {path for path in seen | state.files if seen.get(path) != state.files.get(path)}
        if not differing:
            return False
        change = self._change = self._noted(seen, now)
        if self._waits_for_index(state.opened):
            prepared = str((self._root / "index" / LIGHT).absolute()) in differing
            return prepared or now - change.first > LEFT_BEHIND_S
        if state.opened.trained:
            return any(Path(path).parent.name in ("index", "checkpoints") for path in differing)
        return now - tried.ended >= min(tried.took / SHARE, MOST_S)

    def _noted(self, seen: Stamps, now: float) -> _Change:
        """The change that these files are: the one that is known already where they have not changed further."""
        before = self._change
        if before is None:
            return _Change(files=seen, first=now, last=now)
        return before if seen == before.files else replace(before, files=seen, last=now)

    def _waits_for_index(self, opened: Opened) -> bool:
        """Whether what is new answers without a checkpoint's being loaded once it is prepared, as what is open does."""
        if opened.trained and not opened.is_light:
            return False
        return (opened.is_light or any(self._root.glob(TRAININGS))) and find_spec(NEEDED[0]) is not None

    def _on_disk(self) -> Stamps:
        return {path: stamp for path, stamp in stamps(self._files()).items() if stamp != "none"}

    def _files(self) -> Iterator[Path]:
        root = self._root
        tables = ("tracks", "captions", "made_captions", "metadata")
        yield from (root / "library.json", *(root / f"{name}.parquet" for name in tables))
        yield from (root / "index" / "index.json", root / "index" / LIGHT)
        yield from root.glob(TRAININGS)
        yield from (root / "checkpoints").glob("*_serving.pt")
        for rows in ("rows.parquet", "rows.jsonl", "provenance.json"):
            yield from (root / "embeddings").glob(f"*/*/{rows}")


def _writers(root: Path) -> bool:
    """Whether some process is ingesting into a library, making its vectors, or its index."""
    folders = (root, root / "index", *(root / "embeddings").glob("*/*"))
    return any(writer_of(folder) is not None for folder in folders)

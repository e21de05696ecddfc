"""What answers is replaced whole, when it is whole; what cannot be opened replaces nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import LibraryError
from antiphon.search.server.opened import current as module
from antiphon.search.server.opened.current import LEFT_BEHIND_S, SETTLED_S, Current, NotReadyError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class State:
    def __init__(self, number: int, *, light: bool, trained: bool) -> None:
        self.number, self.is_light, self.trained = number, light, trained


class Library:
    """Files that change, and what is opened of them."""

    def __init__(self, root: Path, *, light: bool = False, trained: bool = False) -> None:
        self.root, self.clock = root, Clock()
        self.light, self.trained = light, trained
        self.opened = 0
        self.problem: Exception | None = None
        self.before: Callable[[], None] = lambda: None
        self.took = 0.0
        for name in ("index", "checkpoints", "embeddings/audio/timbre"):
            (root / name).mkdir(parents=True)

    def write(self, name: str) -> None:
        path = self.root / name
        path.with_suffix(".new").write_text(f"{self.clock.now}")
        path.with_suffix(".new").replace(path)

    def opening(self, _root: Path) -> Any:
        self.before()
        if self.problem is not None:
            raise self.problem
        self.opened += 1
        self.clock.now += self.took
        return State(self.opened, light=self.light, trained=self.trained)

    def current(self) -> Current:
        return Current(self.root, opening=self.opening, clock=self.clock)


def answers(current: Current, clock: Clock, after: float = 1.0) -> int:
    """Which state answers, some seconds later, when what was begun then is done."""
    clock.now += after
    current.get()
    for thread in threading.enumerate():
        if thread.name == "opening":
            thread.join()
    found: Any = current.get()
    return int(found.number)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path)
    made.write("library.json")
    return made


def test_nothing_is_opened_again_while_nothing_changes(library: Library) -> None:
    current = library.current()
    assert [answers(current, library.clock) for _ in range(5)] == [1] * 5


def test_a_library_that_is_not_there_answers_once_it_is(tmp_path: Path) -> None:
    library = Library(tmp_path)
    current = library.current()
    with pytest.raises(NotReadyError, match="no music here yet"):
        current.get()
    library.write("library.json")
    with pytest.raises(NotReadyError):  # files are looked at once a second
        current.get()
    assert answers(current, library.clock) == 1


def test_the_old_state_answers_while_the_new_one_is_opened(library: Library) -> None:
    current = library.current()
    opening, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        opening.set()
        assert go_on.wait(60)

    library.before = slow
    library.write("tracks.parquet")
    library.clock.now += 1
    assert current.get().number == 1  # type: ignore[attr-defined]
    assert opening.wait(60)
    library.clock.now += 1
    assert current.get().number == 1  # type: ignore[attr-defined]
    go_on.set()
    assert answers(current, library.clock, 0) == 2


@pytest.mark.parametrize("problem", [LibraryError("tracks.parquet is damaged."), ValueError("a bug")])
def test_what_cannot_be_opened_replaces_nothing_and_is_said(library: Library, problem: Exception) -> None:
    current = library.current()
    library.problem = problem
    library.write("tracks.parquet")
    assert answers(current, library.clock) == 1
    assert "cannot be opened" in current.problem
    library.problem = None
    assert answers(current, library.clock) == 1  # not again at once
    assert answers(current, library.clock, 60) == 2
    assert current.problem == ""


def test_a_library_that_grows_is_opened_again_for_a_small_part_of_the_time(library: Library) -> None:
    library.took = 1.0
    current = library.current()
    states = []
    for second in range(40):
        library.write("embeddings/audio/timbre/rows.jsonl")
        states.append(answers(current, library.clock))
        assert second < 5 or states[-1] >= 1
    assert 3 <= states[-1] <= 5


def test_new_vectors_of_a_trained_library_count_once_they_are_in_its_index(library: Library) -> None:
    library.trained = True
    current = library.current()
    library.write("embeddings/audio/timbre/rows.jsonl")
    assert answers(current, library.clock, 100) == 1
    library.write("index/index.json")
    assert answers(current, library.clock) == 2


def test_what_answers_without_torch_goes_on_until_the_same_is_prepared_anew(library: Library) -> None:
    library.trained = library.light = True
    current = library.current()
    library.write("checkpoints/timbre_best_r1.pt")
    library.write("index/index.json")
    assert answers(current, library.clock, 5) == 1
    assert not current.wants_index
    assert answers(current, library.clock, SETTLED_S) == 1
    assert [current.wants_index, current.wants_index] == [True, False]
    library.write("index/light.json")
    assert answers(current, library.clock) == 2
    library.write("index/index.json")
    assert answers(current, library.clock) == 2
    assert answers(current, library.clock, LEFT_BEHIND_S + 1) == 3


def test_a_first_training_waits_for_its_index_too(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    current = library.current()
    library.write("checkpoints/timbre_best_r1.pt")
    assert answers(current, library.clock, 60) == 1
    monkeypatch.setattr(module, "NEEDED", ("no_such_package",))
    assert answers(current, library.clock) == 2


def test_refreshing_waits_for_the_new_state(library: Library) -> None:
    current = library.current()
    library.write("tracks.parquet")
    assert current.refresh().number == 2  # type: ignore[attr-defined]
    assert current.refresh().number == 2  # type: ignore[attr-defined]


def test_whoever_asks_first_after_a_change_gets_the_new_state_where_opening_is_quick(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUICK_S", 60.0)  # by the library's clock it is; the machine may be busy
    current = library.current()
    library.clock.now += 3600
    library.write("tracks.parquet")
    assert current.get().number == 2  # type: ignore[attr-defined]


def test_nobody_waits_for_a_state_that_takes_long(library: Library) -> None:
    library.took = 5.0
    current = library.current()
    go_on = threading.Event()
    library.before = lambda: assert_(go_on.wait(60))
    library.clock.now += 3600
    library.write("tracks.parquet")
    assert current.get().number == 1  # type: ignore[attr-defined]
    go_on.set()
    assert answers(current, library.clock, 0) == 2


def assert_(held: bool) -> None:
    assert held

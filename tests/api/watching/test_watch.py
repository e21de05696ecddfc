"""A watch looks again and again; what has settled is one batch, and what failed is tried again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from antiphon.api.watching import watch as watching
from antiphon.api.watching.updated import Updated
from antiphon.api.watching.watch import WatchEvent, watch
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.ingest import ingest
from tests.helpers.libraries.tagged_files import plain_mp3


class World:
    """A folder of music, a library of it, and time that passes only when somebody waits."""

    def __init__(self, folder: Path) -> None:
        self.music, self.root = folder / "music", folder / "lib"
        self.music.mkdir()
        for name in ("a", "b"):
            self.put(name)
        ingest(self.music, self.root)
        self.at = 0.0
        self.updates: list[float] = []
        self.problem: LibraryError | None = None
        self.events: dict[float, Callable[[], object]] = {}

    def put(self, name: str, title: str = "") -> None:
        plain_mp3(self.music / f"{name}.mp3", title or name, "someone")

    def update(self, root: Path) -> Updated:
        assert root == self.root
        self.updates.append(self.at)
        if self.problem is not None:
            raise self.problem
        return Updated(tracks=len(list(self.music.iterdir())), new=1)

    def pause(self, seconds: float) -> bool:
        before, self.at = self.at, self.at + seconds
        for when in sorted(at for at in self.events if before < at <= self.at):
            self.events.pop(when)()
        return self.at > self.until

    def run(self, until: float, every: float = 10.0) -> list[WatchEvent]:
        self.until = until
        batches = watch(self.root, self.update, every=every, pause=self.pause, clock=lambda: self.at)
        return list(batches)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_it_begins_with_what_happened_while_nobody_watched_and_then_rests(world: World) -> None:
    batches = world.run(until=100)
    assert world.updates == [0.0]
    assert [batch.updated.tracks for batch in batches if batch.updated] == [2]


def test_a_new_file_is_taken_in_once_it_stays_as_it_is(world: World) -> None:
    world.events = {15: lambda: world.put("c"), 25: lambda: world.put("c", "longer title, still being written")}
    world.run(until=100)
    assert world.updates == [0.0, 40.0], "seen at 20 and other at 30: only at 40 as it was at the look before"


@pytest.mark.parametrize("event", ["changed", "gone", "moved"])
def test_a_file_that_is_changed_gone_or_elsewhere_is_noticed(world: World, event: str) -> None:
    a = world.music / "a.mp3"
    events = {
        "changed": lambda: world.put("a", "another title"),
        "gone": a.unlink,
        "moved": lambda: a.rename(world.music / "z.mp3"),
    }
    world.events = {15: events[event]}
    assert len(world.run(until=100)) == 2
    assert world.updates == [0.0, 30.0]


def test_a_burst_is_one_batch_and_one_without_an_end_is_taken_in_piece_by_piece(world: World) -> None:
    world.events = {float(at): lambda at=at: world.put(f"new{at}") for at in range(15, 75, 5)}
    world.run(until=200)
    assert len(world.updates) == 2
    world.events = {float(at): lambda at=at: world.put(f"more{at}") for at in range(300, 1100, 10)}
    world.at, world.updates = 290.0, []
    world.run(until=1300)
    assert 3 <= len(world.updates) <= 5, "at the start, every five minutes, and at the end"


def test_what_cannot_be_done_is_told_once_and_tried_again_with_longer_waits(world: World) -> None:
    world.problem = LibraryError("Another process is writing.", fix="Wait.")
    world.events = {1000: lambda: setattr(world, "problem", None)}
    told = world.run(until=1500)
    assert [batch.problem.problem for batch in told if batch.problem] == ["Another process is writing."]
    assert world.updates == [0.0, 60.0, 180.0, 420.0, 900.0, 1800.0][: len(world.updates)]
    world.until = 3000
    assert told[0].line() == "not done, and tried again: Another process is writing."


def test_after_a_failure_it_goes_on_where_it_was(world: World) -> None:
    world.problem = LibraryError("A disk is away.")
    world.events = {50: lambda: setattr(world, "problem", None)}
    batches = world.run(until=100)
    assert [bool(batch.updated) for batch in batches] == [False, True]


def test_a_folder_that_is_away_ends_nothing(world: World) -> None:
    away = world.music.with_name("away")
    world.events = {15: lambda: world.music.rename(away), 35: lambda: away.rename(world.music)}
    batches = world.run(until=300)
    assert [batch.problem is not None for batch in batches] == [False, True]
    assert "cannot be listed" in batches[1].line()


def test_slow_looks_move_apart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = watching.snapshot

    def slow(looked: object) -> dict[str, tuple[int, int]]:
        world.at += 10
        return plain(looked)  # type: ignore[arg-type]

    monkeypatch.setattr(watching, "snapshot", slow)
    waits: list[float] = []
    pause = world.pause
    monkeypatch.setattr(world, "pause", lambda seconds: waits.append(seconds) or pause(seconds))
    world.run(until=500)
    assert waits[1:] == [200.0] * (len(waits) - 1), "at most a twentieth of the time goes into looking"


def test_a_pace_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(ConfigError, match="every 0 seconds"):
        next(watch(world.root, world.update, every=0))


def test_a_table_is_watched_with_the_files_that_it_names(tmp_path: Path) -> None:
    world = World(tmp_path)
    (tmp_path / "tracks.csv").write_text("audio,caption\nmusic/a.mp3,calm\n")
    ingest(tmp_path / "tracks.csv", world.root)
    world.events = {
        15: lambda: world.put("b", "not in the table"),
        45: lambda: world.put("a", "in the table"),
        95: lambda: (tmp_path / "tracks.csv").write_text("audio,caption\nmusic/a.mp3,calm\nmusic/b.mp3,fast\n"),
    }
    world.run(until=200)
    assert world.updates == [0.0, 60.0, 110.0]

"""Event files: TensorBoard reads them, and their checksums are the published ones."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from antiphon.align.training.results.trackers import event_file
from antiphon.align.training.results.trackers.event_file import EventFile, crc32c
from antiphon.errors import LibraryError


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", 0),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"123456789", 0xE3069283),
    ],
)
def test_the_checksum_is_that_of_rfc_3720(data: bytes, wanted: int) -> None:
    assert crc32c(data) == wanted


def points(folder: Path, tag: str) -> list[tuple[int, float]]:
    events = EventAccumulator(str(folder))
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars(tag)]


def test_tensorboard_reads_every_point_as_soon_as_it_is_added(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "a" / "b", first_step=1)
    file.add(1, {"train/loss": 1.5, "val/loss": 2.0})
    assert points(tmp_path / "a" / "b", "train/loss") == [(1, 1.5)]
    file.add(2, {"train/loss": 1.25})
    file.close()
    assert points(tmp_path / "a" / "b", "train/loss") == [(1, 1.5), (2, 1.25)]
    assert points(tmp_path / "a" / "b", "val/loss") == [(1, 2.0)]


def test_a_later_file_hides_what_earlier_ones_say_from_its_first_step_on(tmp_path: Path) -> None:
    for first, value in ((1, 0.5), (2, 0.25)):
        file = EventFile(tmp_path, first_step=first)
        for step in range(first, 4):
            file.add(step, {"x": value})
        file.close()
    assert points(tmp_path, "x") == [(1, 0.5), (2, 0.25), (3, 0.25)]


def test_a_damaged_byte_is_noticed(tmp_path: Path) -> None:
    """Then the reader stops there: the checksum is not only for show."""
    file = EventFile(tmp_path, first_step=1)
    for step in (1, 2, 3):
        file.add(step, {"x": 1.0})
    file.close()
    (path,) = tmp_path.iterdir()
    data = bytearray(path.read_bytes())
    data[-6] ^= 1
    path.write_bytes(data)
    assert points(tmp_path, "x") == [(1, 1.0), (2, 1.0)]


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    file = EventFile(tmp_path, first_step=1)
    next(tmp_path.iterdir()).unlink()
    with pytest.raises(FileNotFoundError, match=r"events\.out\.tfevents"):
        file.add(1, {"x": 1.0})


def test_nothing_is_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 5.0)
    monkeypatch.setattr(event_file, "_NUMBERS", count(3))
    monkeypatch.setattr("socket.gethostname", lambda: "host")
    monkeypatch.setattr("os.getpid", lambda: 7)
    (tmp_path / "events.out.tfevents.0000000005.host.7.000003").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LibraryError, match="is a link"):
        EventFile(tmp_path, first_step=1)


def test_tensorboards_own_writer_is_not_loaded(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from antiphon.align.training.results.trackers.event_file import EventFile\n"
        "EventFile(Path(sys.argv[1]), first_step=1).add(1, {'x': 1.0})\n"
        "raise SystemExit('tensorboard.summary' in sys.modules or 'torch.utils.tensorboard' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0

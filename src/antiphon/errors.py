"""One exception tree for everything a user can cause and mend.

AntiphonError
├── ManifestError      a table of music and captions cannot be read (names file, line, column)
├── LibraryError       a library folder is missing, of another format, or lacks what was asked for
├── EncoderError       an encoder is unknown, or its package or weights are not there
├── AudioError         a sound file cannot be decoded
├── EmbeddingError     stored vectors are missing, damaged, or made another way than asked for
├── CheckpointError    a checkpoint cannot be read or does not fit the library
├── ConfigError        a setting is unknown, of the wrong type, or out of range
└── ArgumentError      a call from Python got a value of the wrong type (also a TypeError)

Each message says what was wrong and what would be right; ``fix`` is the next thing to do. Anything else that is
raised is a bug in Antiphon.
"""

from __future__ import annotations


class AntiphonError(Exception):
    """Root of the tree.

    Parameters
    ----------
    problem : what was wrong, naming the file, row or value.
    fix : what to do about it, ideally a command; printed after the problem.
    """

    def __init__(self, problem: str, *, fix: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix

    def __str__(self) -> str:
        return self.problem if self.fix is None else f"{self.problem}\n  → {self.fix}"


class ManifestError(AntiphonError):
    """A table of music and captions cannot be read, or a row of it cannot be used."""


class LibraryError(AntiphonError):
    """A library folder is missing, of another format version, or lacks what was asked for."""


class EncoderError(AntiphonError):
    """An encoder is unknown, or its package or weights are not there."""


class AudioError(AntiphonError):
    """A sound file cannot be decoded."""


class EmbeddingError(AntiphonError):
    """Stored vectors are missing, damaged, or were made another way than asked for."""


class CheckpointError(AntiphonError):
    """A checkpoint cannot be read, or does not fit the library it is used on."""


class ConfigError(AntiphonError):
    """A setting is unknown, of the wrong type, or out of range."""


class ArgumentError(AntiphonError, TypeError):
    """A call from Python got a value of the wrong type. Python's own ``TypeError`` catches it too."""


class AntiphonWarning(UserWarning):
    """A call from Python did what was asked, but not for everything; the message says what it left out."""


def reason(error: BaseException) -> str:
    """What an error says, for the middle of a sentence: an error of the system with its file, and without a number."""
    if isinstance(error, AntiphonError):
        return error.problem
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__

"""Antiphon: search a music library in words, and train that ability on your own data."""

from antiphon._version import __version__

__all__ = ["__version__"]

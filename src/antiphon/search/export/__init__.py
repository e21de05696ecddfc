"""Shared-space vectors for other programs: plain files with ids and metadata.

Whatever holds vectors can be filled from them: :mod:`antiphon.search.export.files` says what is in them.
"""

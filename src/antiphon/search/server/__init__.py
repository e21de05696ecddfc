"""The server: answers over HTTP, with limits, in the dialects that players speak.

Requests go from :mod:`app` through ``routes/`` to :class:`antiphon.search.server.served.Served`, which alone knows the
library: what answers (``opened/``), and what is at work on it (``jobs/``).
"""

"""The server: answers over HTTP, with limits, in the dialects that players speak.

Nothing is in this room yet.
"""

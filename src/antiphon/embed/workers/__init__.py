"""Worker processes that decode sound, and the models of the main process that they feed.

A worker that dies costs the file that it was working on.
"""

"""Whether an encoder's vectors stay where they are when a file is compressed, turned down, or has noise in it.

Some tracks of a library are changed, embedded again, and looked for among the originals.
"""

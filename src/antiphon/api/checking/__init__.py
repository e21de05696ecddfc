"""Every file of a library against its checksum and its format.

What is damaged is named with the command that mends it; what has no checksum is said to be read, and no more.
"""

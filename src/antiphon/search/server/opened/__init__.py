"""What is open of a library right now: who answers, what is known of each track.

A state is opened as a whole, and replaced as a whole when the library's files change.
"""

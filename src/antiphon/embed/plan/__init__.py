"""What an embedding would do, before it does it.

How much, how long, how many bytes, and what it would leave out; nothing is written.
"""

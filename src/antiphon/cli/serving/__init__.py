"""Commands that stay and answer: serve.

Each parses its options and calls one function.
"""

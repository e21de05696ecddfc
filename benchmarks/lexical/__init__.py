"""What exact words are worth as a text side of their own, beside a sentence encoder.

Whole captions: ``python -m benchmarks.lexical``; single tags as queries: ``python -m benchmarks.lexical.tags``.
"""

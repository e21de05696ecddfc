"""A text encoder that learns: low-rank additions (LoRA) to its upper layers.

Starts from what was trained on frozen text vectors, and stands beside it.
"""

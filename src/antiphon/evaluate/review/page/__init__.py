"""The review as a local page with players: served to this machine alone, to whoever has its address.

One page that loads nothing from elsewhere, the pairs as JSON, the sound of these pairs and of no other file, and a
place that takes verdicts.
"""

"""Pictures of results: each is a value, computed once, that can be drawn for the page, for a paper, or read as a table.

Curves of a training, ranks, systems side by side, layers, and the map of the shared space. matplotlib is imported when
one is drawn.
"""

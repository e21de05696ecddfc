"""Tables of results as files: Markdown, CSV, JSON and LaTeX from one and the same grid.

What is in the cells is decided where the results are; here they are only written.
"""

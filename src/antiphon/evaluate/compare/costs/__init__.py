"""What a system costs.

To embed with, to train, to search with, and to read a query with.
"""

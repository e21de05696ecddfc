"""The published package ``musicnn`` as the reference of a test: its environment, and the program that runs it.

Only slow tests need it.
"""

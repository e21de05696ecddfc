"""Sweeps: settings tried within a budget, and what the winner is worth.

The search, the space that it searches, and its result.
"""

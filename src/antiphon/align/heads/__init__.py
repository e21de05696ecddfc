"""Projection heads: from one encoder's vectors to unit vectors of the shared space.

Trained heads, heads of closed forms, and heads made of several members share one interface.
"""

"""Closed forms: projections that are solved and not trained.

CCA, ridge and kernel CCA, and what they stand on: scaling, principal axes, relevance, caption weights.
"""

"""Exact ranks in both directions: beside other evaluators, at scale, and beside the bare matrix product."""

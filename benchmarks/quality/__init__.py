"""Retrieval on held-out groups, beside closed forms and the usual ways to train heads."""

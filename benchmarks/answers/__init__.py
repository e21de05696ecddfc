"""Whether a search can tell that nothing fits."""

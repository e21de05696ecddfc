"""Whether data that lies unused (uncaptioned tracks, val, a training's own cosines) makes retrieval better."""

"""A library that keeps up with its music: what changed is ingested, heard and indexed as it comes."""

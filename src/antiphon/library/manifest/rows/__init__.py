"""From rows of tables to one entry a track: merged by id, files found, parts and captions of one file told apart."""

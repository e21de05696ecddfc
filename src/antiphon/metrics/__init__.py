"""Pure numbers: arrays in, numbers out. Needs numpy only."""

"""Pure numbers: arrays in, numbers out, numpy only."""

"""Pure numbers: arrays in, numbers out, numpy only.

A leaf that every other folder may use: ranks, their figures, chance, intervals and paired tests.
"""

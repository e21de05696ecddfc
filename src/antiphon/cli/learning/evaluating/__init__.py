"""What ``antiphon evaluate`` does beside measuring a checkpoint on a split.

Folds and learning curves train again; TREC's forms are written and read.
"""

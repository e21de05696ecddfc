"""Every query of a split by itself: its rank, its best correct answer and the best wrong one.

What a report, a review, a comparison by slices and a user's own table start from.
"""

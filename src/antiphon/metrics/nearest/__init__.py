"""Which items stand first for each query, beside how far down the correct one stands.

The best correct item and the best wrong ones, by exact scores, from one blocked matrix product.
"""

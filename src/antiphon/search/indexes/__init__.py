"""Where shared-space vectors lie so that they can be searched.

Exact search in one matrix product.
"""

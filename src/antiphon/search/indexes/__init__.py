"""Where shared-space vectors lie so that they can be searched.

Built from a checkpoint, swapped in whole, searched exactly in one matrix product.
"""

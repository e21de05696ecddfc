"""A user's table or folder of music, read, checked, and merged into one entry a track.

Text tables, Parquet and Arrow, HDF5, folders; which column means what; what was wrong with which row.
"""

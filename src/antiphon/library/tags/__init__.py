"""Tags of sound files: read, named alike whatever the format, their texts repaired where it is sure how.

``read_tags`` (``pool.py``) reads many files, in processes that a damaged file cannot take along. What was read stays in
the library's ``files.parquet``, so that an unchanged file is not opened again and a moved one is known again.
"""

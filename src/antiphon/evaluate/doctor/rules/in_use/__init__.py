"""What becomes of a training in use: queries that people type, and files that sound a little otherwise.

Both were measured before (``antiphon evaluate``, ``antiphon encoders --check``); where they were not, nothing is said.
"""

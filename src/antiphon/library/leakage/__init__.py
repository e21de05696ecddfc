"""What would leak from train into test, and what keeps it from doing so.

Groups and why they were joined: identical files, duplicates, transposed copies, paraphrases; the audit.
"""

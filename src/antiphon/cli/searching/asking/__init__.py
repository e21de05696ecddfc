"""What ``antiphon search`` does with its options.

They are checked (``options``), questions are answered (``ask``), and the answers are printed.
"""

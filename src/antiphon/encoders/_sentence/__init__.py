"""The text models behind antiphon.encoders.sentence.

The default one, run without sentence-transformers, and whatever sentence-transformers can load.
"""

"""What several encoders stand on: weights files, torch models, spectra, text layers.

The underscore keeps the registry from looking for encoders here.
"""

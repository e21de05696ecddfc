"""The networks and settings of MuQ-MuLan, as its official checkpoints have them.

The encoder itself is in antiphon.encoders.muq.
"""

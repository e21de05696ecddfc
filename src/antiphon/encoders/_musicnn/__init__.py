"""What MusiCNN consists of: a reader of its weights, its spectrogram, its network, the names of its tags.

The encoder itself is in antiphon.encoders.musicnn.
"""

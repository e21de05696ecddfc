"""The demo's sound: from a score to an audio file.

Notes, instruments, drums, the mix, and the encoders of PyAV.
"""

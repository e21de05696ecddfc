"""What sounds alike: tracks and artists like others, a way between two tracks, what is near to favourites.

Each answers in the shape of one of AudioMuse-AI's addresses; what is measured is the same in all of them.
"""

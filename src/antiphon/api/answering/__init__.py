"""What a library answers: tracks for words, a track or a vector; and playlists.

Each file is a part of :class:`antiphon.Library`.
"""

"""What playlists are made from: tracks of a library, how well they answer, and what they have in common."""

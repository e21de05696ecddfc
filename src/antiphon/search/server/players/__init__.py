"""What players ask: AudioMuse-AI's HTTP dialect as their plug-ins speak it, and OpenSubsonic's sonic similarity.

Players ask by their own ids and are answered in them; a track that a player does not have is left out of its answers.
"""

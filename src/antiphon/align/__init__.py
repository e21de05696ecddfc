"""The heart: text and audio into one shared space."""

"""Names in a query: an artist's name finds the artist, a title its track, whatever a text encoder makes of them.

Accents, signs, spaces, order and a wrong letter or two make no difference; descriptions name nothing.
"""

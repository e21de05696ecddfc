"""Names in a query: an artist's name finds the artist, a title its track, whatever a text encoder makes of them."""

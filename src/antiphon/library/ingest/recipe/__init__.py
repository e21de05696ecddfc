"""How a library is made: what can be said when it is, and what of that it remembers."""

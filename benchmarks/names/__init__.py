"""Do names find their tracks, also misspelt ones, and do descriptions stay clear of them? See ``__main__``."""

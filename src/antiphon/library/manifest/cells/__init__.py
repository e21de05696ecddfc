"""One cell of a user's table, made into text: numbers, bytes, objects, lists in any notation, words for "nothing".

What a cell cannot be made into text from is an error that names the row.
"""

from antiphon.library.manifest.cells.lists import texts_of
from antiphon.library.manifest.cells.text import CellError, id_of, path_of, text_of
from antiphon.library.manifest.cells.words import is_nothing, is_placeholder

__all__ = ["CellError", "id_of", "is_nothing", "is_placeholder", "path_of", "text_of", "texts_of"]

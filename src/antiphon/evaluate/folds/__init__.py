"""A training's recipe, refitted: in grouped folds, so that every captioned track is a test track once, and on shares of
the captions, so that one sees what more of them would bring.

Nothing of the library is changed: results are kept in ``runs/NAME/refits/``, and a killed run carries on from them.
"""

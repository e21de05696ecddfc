"""The review: people judge what the search found, and their judgements are read as evidence.

``candidates`` finds the wrong answers that look right, ``queue`` goes through them one by one, ``page`` shows them in a
browser, and ``counted`` measures a checkpoint with what was judged.
"""

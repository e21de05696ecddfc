"""A small music library rendered on the spot, so that everything runs offline: see :mod:`antiphon.demo.render`.

Scores, sound and words are made from one seed; the true answers are known.
"""

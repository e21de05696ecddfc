"""Search before training: a library answers with the best of what it has, and says what that was.

Several *ways* lead from words to tracks without a checkpoint (:mod:`antiphon.search.zero_shot.ways`): the text side
that an audio encoder comes with, the tags that were heard in the sound, captions that Antiphon made or somebody wrote,
and the words of titles, artists and other metadata. Each gives every track a score in spreads of the library, and the
answer is by their weighted mean.
"""

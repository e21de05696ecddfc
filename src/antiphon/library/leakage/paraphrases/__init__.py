"""Which captions are so alike that their tracks must share a split. See docs/decisions/paraphrases.md.

Conventions. Only sentences count: at least six words, with a run of at least four between commas; "cello" or "jazz,
bright, elegant" is a label, and every track that carries it is a correct answer. Two sentences are alike when the Dice
coefficient 2·|A ∩ B| / (|A| + |B|) of their sets of content words is at least 0.6. A sentence that is alike to those of
more than 16 other groups is a description class (a template, a stock phrase), no leak, and joins nothing. Merging is
complete-linkage among sentences, and no merged set spans more than 16 groups: likeness never chains.
"""

from antiphon.library.leakage.paraphrases.alike import ALIKE, alike_pairs
from antiphon.library.leakage.paraphrases.joins import MAX_GROUPS, Paraphrases, lexical_joins
from antiphon.library.leakage.paraphrases.sentences import content_words, is_sentence, likeness, words_of

__all__ = [
    "ALIKE",
    "MAX_GROUPS",
    "Paraphrases",
    "alike_pairs",
    "content_words",
    "is_sentence",
    "lexical_joins",
    "likeness",
    "words_of",
]

"""Names of one kind: which of them a text is, as it stands or misspelt."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property

from antiphon.search.queries.naming.keys import Words, as_words, key_of

FEW, MANY = 5, 9
"""Letters of a name from which one of them may be wrong, and two."""
BRACKETS = frozenset("([")
_ADDED = re.compile(r"(?<=\S)(?: *[(\[]| +[-–—/] | +(?:feat|ft|featuring)\b).*$", re.IGNORECASE)
"""Where what is added to a name may begin; whether it is an addition is for the column's ``bare`` to say."""


class Column:
    """Names of one kind.

    Parameters
    ----------
    names : (n,) texts, "" where there are none.
    bare : takes from a name what is added to it at its end; "" where nothing is left.
    article : that names go without.
    """

    def __init__(self, names: Sequence[str], bare: Callable[[str], str], article: re.Pattern[str]) -> None:
        self.names, self._bare, self._article = names, bare, article
        known = list(dict.fromkeys(names))
        added_first = [name for name in known if name.lstrip()[:1] in BRACKETS]  # (Live) Heroes
        lines = [*known, *map(bare, added_first)]
        text = "\n".join(lines)
        if text.count("\n") >= len(lines):  # a name has a line break
            text = "\n".join(" ".join(line.split()) for line in lines)
        self._known, self._words = [*known, *added_first], as_words(text)
        self._keys = f"\n{key_of(self._words, article)}\n"
        self._heads: dict[str, dict[int, str]] = {}

    @cached_property
    def rows(self) -> dict[str, list[int]]:
        """Name → where it stands."""
        found: dict[str, list[int]] = {}
        for row, name in enumerate(self.names):
            found.setdefault(name, []).append(row)
        return found

    def key(self, words: Sequence[str]) -> str:
        """Words of a query as names of this kind compare."""
        return key_of(" ".join(words), self._article)

    def exact(self, key: str) -> list[str]:
        """Names that a key is, with what is added to them or without; article and "and" may be written together."""
        for each in dict.fromkeys((key, key.removeprefix("the"), key.replace("and", ""))):
            places = [place for place, whole in self._beginning(each) if whole or self._is_bare(place, each)]
            if places:
                return [self._known[place] for place in places]
        return []

    def near(self, key: str, among: Collection[str] | None = None) -> list[str]:
        """Names that a key is but for a letter or two, the fewest that there are; the first letter is right.

        Parameters
        ----------
        among : only these names are meant; None for all.
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        most = wrong_letters(key)
        heads = self._beginning_with(key[0]) if most else {}
        if among is not None:
            heads = {place: head for place, head in heads.items() if self._known[place] in among}
        wrong: dict[str, float] = {}
        for head, _, place in extract(key, heads, scorer=OSA.distance, score_cutoff=most, limit=None):
            name = self._known[place]
            wrong[name] = min(OSA.distance(key, each) for each in (head, self._bare_key(name)))
        fewest = min(wrong.values(), default=0)
        return [name for name, each in wrong.items() if each == fewest <= most]

    def in_part(self, words: Sequence[str]) -> list[str]:
        """Names that begin or end with words."""
        if words[0] not in self._words:
            return []
        run = " +".join(map(re.escape, words))
        found: list[str] = []
        place = counted = 0
        for each in re.finditer(rf"\b{run}\b", self._words):
            if self._at_an_end(each):
                place += self._words.count("\n", counted, each.start())
                counted = each.start()
                found.append(self._known[place])
        return found

    def has_part(self, name: str, words: Words) -> bool:
        """Whether one of the names begins or ends with words, as :meth:`in_part` has it."""
        lines = (name, self._bare(name)) if name.lstrip()[:1] in BRACKETS else (name,)
        own = [tuple(as_words(line).split()) for line in lines]
        return any(words in (each[: len(words)], each[-len(words) :]) for each in own)

    def says(self, word: str) -> bool:
        """Whether any name has a word."""
        return word in self._words and re.search(rf"\b{re.escape(word)}\b", self._words) is not None

    @cached_property
    def lengths(self) -> list[int]:
        """How many words names have, the most first."""
        return sorted({len(line.split()) for line in self._words.split("\n")}, reverse=True)

    def _at_an_end(self, found: re.Match[str]) -> bool:
        """Whether nothing stands before or behind a part of a name."""
        before = self._words[self._words.rfind("\n", 0, found.start()) + 1 : found.start()]
        end = self._words.find("\n", found.end())
        behind = self._words[found.end() : end if end >= 0 else None]
        return not before.strip() or not behind.strip()

    def _beginning(self, key: str) -> Iterator[tuple[int, bool]]:
        """Places of the names whose key begins with one, and whether that is all of it."""
        at, place, counted = -1, -1, 0
        while key and (at := self._keys.find(f"\n{key}", at + 1)) >= 0:
            place += self._keys.count("\n", counted, at + 1)
            counted = at + 1
            yield place, self._keys.startswith("\n", at + 1 + len(key))

    def _beginning_with(self, letter: str) -> dict[int, str]:
        """Place → key of the name up to where something may be added to it."""
        if letter not in self._heads:
            keys = self._keys[1:-1].split("\n")
            self._heads[letter] = {place: self._head(place, key) for place, key in enumerate(keys) if key[:1] == letter}
        return self._heads[letter]

    def _head(self, place: int, key: str) -> str:
        name = self._known[place]
        found = _ADDED.search(name)
        return key_of(as_words(name[: found.start()]), self._article) if found else key

    def _is_bare(self, place: int, key: str) -> bool:
        """Whether a name, but for what is added to it, is a key."""
        found = _ADDED.search(self._known[place])
        return found is not None and self._bare_key(self._known[place]) == key

    def _bare_key(self, name: str) -> str:
        """The key of a name without what is added to it; of one without additions its whole key."""
        return key_of(as_words(self._bare(name) if _ADDED.search(name) else name), self._article)


def wrong_letters(text: str) -> int:
    """How many letters of a name may be wrong: 0 to 2."""
    return (len(text) >= FEW) + (len(text) >= MANY)


def alike(words: Words, others: Words) -> bool:
    """Whether words are others one by one but for a letter or two, none of them in short words."""
    from rapidfuzz.distance import OSA

    pairs = [(one, other) for one, other in zip(words, others, strict=False) if one != other]
    long = len(words) == len(others) and all(one[0] == other[0] and len(other) >= FEW for one, other in pairs)
    return long and sum(OSA.distance(*pair) for pair in pairs) <= wrong_letters("".join(others))

"""Names of one kind: which of them a text is, as it stands or misspelt."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from antiphon.search.queries.naming.keys import Words, as_words, key_of

FEW, MANY = 5, 9
"""Letters of a name from which one of them may be wrong, and two."""
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
        self._known = list(dict.fromkeys(names))
        lines = "\n".join(self._known)
        if lines.count("\n") >= len(self._known):  # a name has a line break
            lines = "\n".join(" ".join(name.split()) for name in self._known)
        self._words = as_words(lines)
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
            places = [
                place for place, whole in self._beginning(each) if whole or self._bare_key(self._known[place]) == each
            ]
            if places:
                return [self._known[place] for place in places]
        return []

    def near(self, key: str) -> list[str]:
        """Names that a key is but for a letter or two, the fewest that there are; the first letter is right."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        most = wrong_letters(key)
        if not most:
            return self.exact(key)
        heads = self._beginning_with(key[0])
        found = extract(key, heads, scorer=OSA.distance, score_cutoff=most, limit=None)
        return nearest(
            key, {self._known[place]: {head, self._bare_key(self._known[place])} for head, _, place in found}
        )

    def among(self, names: Iterable[str], key: str, *, exactly: bool) -> list[str]:
        """Those of some names that a key is, exactly or but for a letter or two."""
        keys = {name: {self.key([as_words(name)]), self._bare_key(name)} for name in set(names)}
        same = [name for name, each in keys.items() if key in each]
        return same if same or exactly else nearest(key, keys)

    def in_part(self, words: Sequence[str]) -> list[str]:
        """Names that begin or end with words."""
        if words[0] not in self._words:
            return []
        run = " +".join(map(re.escape, words))
        found = re.finditer(rf"\b{run}\b", self._words)
        places = [self._words.count("\n", 0, each.start()) for each in found if self._at_an_end(each)]
        return [self._known[place] for place in places]

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

    def _bare_key(self, name: str) -> str:
        """The key of a name without what is added to it; of one without additions its whole key."""
        return key_of(as_words(self._bare(name) if _ADDED.search(name) else name), self._article)


def wrong_letters(text: str) -> int:
    """How many letters of a name may be wrong: 0 to 2."""
    return (len(text) >= FEW) + (len(text) >= MANY)


def nearest(key: str, keys: Mapping[str, Collection[str]]) -> list[str]:
    """Names that have the key with the fewest wrong letters, where these are not too many.

    Parameters
    ----------
    keys : name → its keys, with what is added to it and without.
    """
    from rapidfuzz.distance import OSA

    wrong = {name: min(OSA.distance(key, each) for each in known) for name, known in keys.items()}
    fewest = min(wrong.values(), default=0)
    return [name for name, each in wrong.items() if each == fewest <= wrong_letters(key)]


def alike(words: Words, others: Words) -> bool:
    """Whether words are others one by one but for a letter or two, none of them in short words."""
    from rapidfuzz.distance import OSA

    pairs = [(one, other) for one, other in zip(words, others, strict=False) if one != other]
    long = len(words) == len(others) and all(one[0] == other[0] and len(other) >= FEW for one, other in pairs)
    return long and sum(OSA.distance(*pair) for pair in pairs) <= wrong_letters("".join(others))

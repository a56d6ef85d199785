"""Many patterns over many texts, cheaply: a pattern is tried only on a text that holds one of its stems.

A stem is a piece of a word without which the pattern cannot match. Texts are looked at word by word, and what a word
lets in is remembered: a log has far fewer words than lines. Patterns are compiled when they are first let in.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, Self

_IGNORING_CASE = "(?i)"
_AT_START = "^"
_REMEMBERED_WORDS = 1 << 14
_REMEMBERED_SETS = 1 << 12


class Wording(NamedTuple):
    """A text ready to be judged by tables: as it is, in small letters, and the latter's words."""

    text: str
    lowered: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Of one line."""
        lowered = text.lower()
        return cls(text, lowered, tuple(lowered.split()))


@dataclass(frozen=True, slots=True)
class GatedPattern:
    """A regular expression behind its stems; without stems it is tried on every text.

    One that begins with `(?i)` is written in small letters, and sees the text in small letters. One that begins with
    `^` (behind that) is tried at the start of the text only, all of its alternatives.
    """

    source: str
    stems: tuple[str, ...]

    @property
    def ignores_case(self) -> bool:
        """Whether it sees the text in small letters."""
        return self.source.startswith(_IGNORING_CASE)

    def compiled(self) -> Callable[[str], object]:
        """What finds it in a text (in small letters if it ignores case)."""
        plain = self.source.removeprefix(_IGNORING_CASE)
        pattern = re.compile(plain.removeprefix(_AT_START))
        return pattern.match if plain.startswith(_AT_START) else pattern.search


def gated(stems: str, *sources: str) -> tuple[GatedPattern, ...]:
    """Patterns behind the same stems, which are parted by spaces; in a stem `^` is the beginning of a word."""
    split = tuple(stem.replace(_AT_START, " ") for stem in stems.split())
    return tuple(GatedPattern(source, split) for source in sources)


def either(*groups: tuple[GatedPattern, ...]) -> tuple[GatedPattern, ...]:
    """Patterns of one name behind different stems."""
    return tuple(chain.from_iterable(groups))


_Finders = tuple[tuple[str, Callable[[str], object]], ...]


def _any_of(stems: Collection[str]) -> str:
    """An expression for any of the stems, those of one beginning under it: most words are run through once and done."""
    if not all(stems):
        return ""
    tails: dict[str, list[str]] = {}
    for stem in stems:
        tails.setdefault(stem[0], []).append(stem[1:])
    return "(?:" + "|".join(re.escape(first) + _any_of(rest) for first, rest in tails.items()) + ")"


class PatternTable:
    """Names, each with its patterns: says which names a text bears."""

    def __init__(self, patterns: Mapping[str, Iterable[GatedPattern]]) -> None:
        self._patterns = [(name, pattern) for name, several in patterns.items() for pattern in several]
        self._always = 0
        self._bits_of_stem: dict[str, int] = {}
        for place, (_, pattern) in enumerate(self._patterns):
            self._always |= (not pattern.stems) << place
            for stem in pattern.stems:
                self._bits_of_stem[stem] = self._bits_of_stem.get(stem, 0) | 1 << place
        self._any_stem = re.compile(_any_of(self._bits_of_stem))
        self._bits_of_word = lru_cache(_REMEMBERED_WORDS)(self._let_in_by)
        self._finders_of_bits = lru_cache(_REMEMBERED_SETS)(self._finders)
        self._finder = lru_cache(None)(GatedPattern.compiled)

    def names_in(self, wording: Wording) -> frozenset[str]:
        """The names whose patterns the text matches."""
        bits = self._always
        for word in wording.words:
            bits |= self._bits_of_word(word)
        if not bits:
            return _NO_NAMES
        as_it_is, lowered = self._finders_of_bits(bits)
        names = {name for name, finds in as_it_is if finds(wording.text)}
        names.update(name for name, finds in lowered if finds(wording.lowered))
        return frozenset(names) if names else _NO_NAMES

    def _let_in_by(self, word: str) -> int:
        """Bit n: the n-th pattern has a stem in this word."""
        begun, bits = f" {word}", 0
        if not self._any_stem.search(begun):
            return 0
        for stem, patterns in self._bits_of_stem.items():
            if stem in begun:
                bits |= patterns
        return bits

    def _finders(self, bits: int) -> tuple[_Finders, _Finders]:
        """(those that see the text as it is, those that see it in small letters), of the patterns let in."""
        let_in = [named for place, named in enumerate(self._patterns) if bits >> place & 1]
        return self._compiled(let_in, ignores_case=False), self._compiled(let_in, ignores_case=True)

    def _compiled(self, let_in: Iterable[tuple[str, GatedPattern]], *, ignores_case: bool) -> _Finders:
        return tuple((name, self._finder(pattern)) for name, pattern in let_in if pattern.ignores_case == ignores_case)


_NO_NAMES: frozenset[str] = frozenset()

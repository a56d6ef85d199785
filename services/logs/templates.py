"""Log templates: the skeletons of one file merged where only variable words tell them apart."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache, reduce
from itertools import chain
from operator import xor

from services.logs.skeletons import VARIABLE

# What tells what happened stays: exception classes, constants, errno names, codes, a name before a colon.
_CLASS = r"[\w.$]*(?:Error|Exception|Failure|Fault|Throwable|Interrupt|Warning)\b"
_TELLING = rf"(?!{_CLASS}|[\w.$]*\.[A-Z]+(?:_[A-Z]+)*(?![\w.])|[\w.$]*:(?!<\*>|\d))"
_TELLING_VALUE = rf"(?!{_CLASS}|E[A-Z]{{3,}}\b|[A-Z]{{1,8}}-?\d{{3,6}}\b|(?:(?<=status=)|(?<=code=)|(?<=errno=))\d)"
_TELLING_KEY = r"(?<!msg=)(?<!err=)(?<!error=)(?<!reason=)(?<!cause=)(?<!message=)(?<!exception=)"
_VALUE = r"(?:[^\s=,;()\[\]{}<>\"'|&]|<\*>)+"
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
# (a literal without which the pattern cannot match, the pattern, what stands in its place)
_MASKS = (
    ("0", re.compile(r"(?<![\w.:/-])0(?![\w:/-]|\.\w)"), VARIABLE),
    ("-<", re.compile(r"(?<![\w>)\].-])-(?=<\*>)"), ""),
    (":<", re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{2}:)+<\*>(?::[0-9A-Fa-f]{2})*(?!\w)"), VARIABLE),
    ("<*>:", re.compile(r"(?<=<\*>)(?::[0-9A-Fa-f]{2})+(?!\w)"), ""),
    ("://", re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s\"'<>)\]},]+"), VARIABLE),
    ("\\", re.compile(r"(?<![\w.])(?:[A-Za-z]:\\|\\\\)(?:[^\s\"'<>|,;]|<\*>)+"), VARIABLE),
    ("/", re.compile(r"(?<![\w<>])(?:[.~]{0,2}/+(?=[\w.@<])[\w.@%+~<>*-]*)+/*"), VARIABLE),
    ("@", re.compile(r"\b[\w.+-]{1,60}@[\w-]{1,60}\.[\w.<>*-]+"), VARIABLE),
    ('="', re.compile(rf"(?<=\w=){_TELLING_KEY}\"[^\"]{{0,200}}\""), VARIABLE),
    ("=", re.compile(rf"(?<=\w=)(?!=)(?!<\*>(?:[\s,;)\]}}]|$)){_TELLING_VALUE}{_VALUE}"), VARIABLE),
    (":<", re.compile(r"(?<![\w.$/\\@])[A-Za-z][\w-]{0,60}(?:\.[\w-]{1,60}){2,9}:<\*>"), VARIABLE),
    ("invalid user ", re.compile(r"(?<=\binvalid user )[\w.$-]+(?![\w.$:=-])"), VARIABLE),
    ("for user ", re.compile(r"(?<=\bfor user )[\w.$-]+(?![\w.$:=-])"), VARIABLE),
    # Host and class names: with a number in them, or of three parts and more.
    (
        ".",
        re.compile(r"(?<![\w.$/>])(?:[\w-]{0,60}<\*>){1,9}[\w-]{0,60}(?:\.(?:<\*>|[\w-]){1,60})+(?![\w$])"),
        VARIABLE,
    ),
    (
        ".",
        re.compile(rf"(?<![\w.$/\\@])(?<!^){_TELLING}[A-Za-z][\w$-]*(?:\.(?:[\w$-]|<\*>)+){{2,}}(?:/[\w$.-]+)?"),
        VARIABLE,
    ),
    ("<", re.compile(r"[-+]?<\*>(?:[.,:/@_%x*#$~+|-]+<\*>)+"), VARIABLE),
    ("_-", re.compile(r"\b\w*_-<\*>"), VARIABLE),
    ("<*>", re.compile(r"<\*>\s?(?:[KMGT]i?B|B|bytes|[mun]?s|secs?|seconds|minutes|hours|min|%)(?!\w)"), VARIABLE),
    (
        "<*>",
        # A day before the month or the month: begun by literals, for the search to skip to one.
        re.compile(
            rf"(?:{_DAYS}|{_MONTHS})(?:(?<={_DAYS}),? (?:{_MONTHS})|(?<={_MONTHS})) <\*>"
            r"(?: [A-Z]{3,4}\b)?(?: <\*>(?: [A-Z]{3,4} <\*>)?)?"
        ),
        VARIABLE,
    ),
    ("<*>", re.compile(r"(?:<\*>[,;]? ){2,}(?=<\*>)"), ""),
)
_MAX_TEMPLATE_CHARS = 400
_TELLING_WORD = re.compile(rf"\W*+(?:{_CLASS}|E[A-Z]{{3,}}\b|[A-Z]{{0,8}}-?\d{{3,6}}\b)")
# So many different words in one place, all else equal, are values; fewer may be as many kinds of event.
_MERGED_WORDS = 6
_MIN_FRAME_WORDS = 2
# In a long sentence that is known to vary in a place, one more word there is a value too.
_MIN_LONG_FRAME_WORDS = 6
_Words = tuple[str, ...]
_MERGE_ROUNDS = 2
_MAX_PLACES = 30
_OF_VARIABLE = [hash((place, VARIABLE)) for place in range(1, _MAX_PLACES)]
# Beyond it merging would cost more than the scan, and the text is no log of repeating messages.
_MAX_MERGED = 20_000


def template_text(skeleton: str) -> str:
    """The skeleton with lone zeros, addresses, paths, mails and `key=` values made variable too."""
    text = skeleton
    for literal, pattern, replacement in _MASKS:
        if literal in text:
            text = pattern.sub(replacement, text)
    return " ".join(text.split())[:_MAX_TEMPLATE_CHARS]


def group_templates(skeletons: Sequence[str]) -> tuple[list[str], list[int]]:
    """(templates in the order of their first skeleton, index of the template of each skeleton)."""
    texts = [template_text(text) for text in skeletons]
    merged = _merged(list(dict.fromkeys(texts)))
    indexes: dict[str, int] = {}
    of_skeleton = [indexes.setdefault(merged[text], len(indexes)) for text in texts]
    return list(indexes), of_skeleton


def _merged(texts: Sequence[str]) -> dict[str, str]:
    """What each text becomes when a place that takes many different words is a variable; two places, two rounds."""
    if len(texts) > _MAX_MERGED:
        return dict(zip(texts, texts, strict=True))
    current = {text: tuple(text.split(" ")) for text in texts}
    for _ in range(_MERGE_ROUNDS):
        merges = _wide_places(set(current.values()))
        if not merges:
            break
        current = {text: merges.get(words, words) for text, words in current.items()}
    return {text: " ".join(words) for text, words in current.items()}


def _wide_places(templates: set[_Words]) -> dict[_Words, _Words]:
    """The templates that share a form, but for one word, with many others or with one that varies there; that form."""
    wide = {frame: members for frame, members in _frames(templates).items() if _is_wide(frame, members, templates)}
    merges: dict[_Words, _Words] = {}
    for frame in sorted(wide, key=lambda frame: (-len(wide[frame]), frame)):
        for words in wide[frame]:
            merges.setdefault(words, frame)
    return merges


def _frames(templates: set[_Words]) -> dict[_Words, list[_Words]]:
    """The forms that several templates share but for one word, with these templates.

    Nearly all forms have one template: they are told apart by a number (their words' hashes), and only those whose
    number comes again are written out.
    """
    numbers = {words: _numbers(words) for words in templates}
    uses = Counter(chain.from_iterable(numbers.values()))
    frames: dict[_Words, list[_Words]] = {}
    for words, of_places in numbers.items():
        for place, number in enumerate(of_places, start=1):
            if uses[number] > 1 and _may_vary(words[place]):
                frames.setdefault((*words[:place], VARIABLE, *words[place + 1 :]), []).append(words)
    return frames


def _numbers(words: _Words) -> list[int]:
    """The numbers of the forms with a variable in the second place, the third ..."""
    hashes = list(map(hash, enumerate(words)))
    whole = reduce(xor, hashes)
    return [whole ^ of_word ^ of_variable for of_word, of_variable in zip(hashes[1:], _OF_VARIABLE, strict=False)]


def _is_wide(frame: _Words, members: Sequence[_Words], templates: Collection[_Words]) -> bool:
    if len(members) >= _MERGED_WORDS:
        return len(frame) > _MIN_FRAME_WORDS
    return len(members) > 1 and len(frame) > _MIN_LONG_FRAME_WORDS and frame in templates


@lru_cache(1 << 14)
def _may_vary(word: str) -> bool:
    """Never an exception's class, a code or an errno name: to a reader that is the message."""
    return not _TELLING_WORD.match(word)

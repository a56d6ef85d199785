"""Log templates: the skeletons of one file merged where only variable words tell them apart."""

import re
from collections.abc import Sequence

from services.logs.skeletons import VARIABLE

_MASKS = (
    (re.compile(r"(?<![\w.:/-])0(?![\w.:/-])"), VARIABLE),
    (re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s\"'<>)\]},]+"), VARIABLE),
    (re.compile(r"(?<![\w.])(?:[A-Za-z]:\\|\\\\)[^\s\"'<>|,;]+"), VARIABLE),
    (re.compile(r"(?<![\w<>])(?:[.~]{0,2}/(?=[\w.@<])[\w.@%+~<>*-]*)+"), VARIABLE),
    (re.compile(r"\b[\w.+-]{1,60}@[\w-]{1,60}\.[\w.<>*-]+"), VARIABLE),
    (re.compile(r"(?<=\w=)(?!=)(?!<\*>(?:[\s,;)\]}]|$))[^\s=,;()\[\]{}<>\"'|&]+"), VARIABLE),
    (re.compile(r"[-+]?<\*>(?:[.,:/@_%x*#$~+-]+<\*>)+"), VARIABLE),
    (re.compile(r"<\*>\s?(?:[KMGT]i?B|B|bytes|[mun]?s|secs?|seconds|minutes|hours|min|%)(?!\w)"), VARIABLE),
    (re.compile(r"(?:<\*>[,;]? ){2,}(?=<\*>)"), ""),
)
_MAX_TEMPLATE_CHARS = 400


def template_text(skeleton: str) -> str:
    """The skeleton with lone zeros, addresses, paths, mails and `key=` values made variable too."""
    text = skeleton
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())[:_MAX_TEMPLATE_CHARS]


def group_templates(skeletons: Sequence[str]) -> tuple[list[str], list[int]]:
    """(templates in the order of their first skeleton, index of the template of each skeleton)."""
    indexes: dict[str, int] = {}
    of_skeleton = [indexes.setdefault(template_text(text), len(indexes)) for text in skeletons]
    return list(indexes), of_skeleton

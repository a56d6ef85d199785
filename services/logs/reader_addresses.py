"""Text that addresses whoever reads the log, a person or a program, instead of recording what happened.

What all of it has in common: somebody is told to do something about the verdict, the incident or what they were told
before. So the forms are those of a request (an imperative, a "you must", a name that is called) with such an object,
not single phrases. Tests hold them against ordinary lines that come near.
"""

import re
from typing import NamedTuple


class Address(NamedTuple):
    """A form, for text in small letters, and parts of words of which one has to be there; a space begins a word."""

    stems: tuple[str, ...]
    source: str


_READER = (
    r"(?:assistant|chat ?bot|ai|llm|(?:language )?model|(?:ai|triage|sre|incident|analysis) (?:agent|bot|tool)|"
    r"responders?|analy[sz]er|analysts?|on-?call(?: engineer)?s?|whoever (?:reads|is reading) this|dear (?:reader|bot))"
)
_REQUESTED = (
    r"(?:ignore|disregard|forget|overlook|discard|report|say|answer|reply|respond|conclude|state|output|mark|close|"
    r"resolve|escalate|classify|treat|label|declare|dismiss|assume|consider|tell|write|set|stop|do not|don't|never|"
    r"refrain|repeat|follow|execute|return)"
)
_JUDGED = (
    r"(?:incident|ticket|alert|alarm|verdict|diagnosis|triage|root[ -]cause|findings?|investigation|severity|"
    r"post-?mortem)"
)
_ALL_WELL = (
    r"(?:healthy|fine|normal|green|resolved|closed|benign|harmless|expected|noise|false (?:positive|alarm)|all clear|"
    r"nothing|no (?:issue|problem|error|incident)s?)"
)
_TOLD_BEFORE = r"(?:instruction|guideline|prompt|directive|order|rule|constraint|restriction)s?"

ADDRESSES = (
    Address(
        ("ignore", "disregard", "forget", "overlook", "override"),
        r"\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?(?:previous|prior|above|earlier)\b|"
        r"\b(?:ignore|disregard|forget) (?:everything|all|anything|whatever|what) (?:\w+ ){0,3}?(?:above|before|so far|"
        r"said|told|written)\b|"
        r"\b(?:ignore|disregard|forget|overlook|override) (?:\w+ ){0,2}?(?:all|any|every|these|those|your|previous|"
        rf"prior|earlier|other|such) (?:\w+ ){{0,3}}?{_TOLD_BEFORE}\b",
    ),
    Address(("<|", "inst]"), r"<\|[a-z_]{2,20}\|>|\[/?inst\]"),
    Address(
        ("must", "should", "shall", "please", " need", " have", "kindly"),
        rf"\b{_READER}\b[,:;]? (?:you )?(?:must|should|shall|please|need to|have to|kindly) "
        rf"(?:now |only |not |always )*{_REQUESTED}\b|"
        r"\byou (?:must|should|shall|need to|have to) (?:now |only )?(?:report|say|answer|conclude|respond|reply|"
        r"output|state|ignore|disregard|mark|escalate|classify|declare|dismiss)\b",
    ),
    Address(
        (
            "assistant",
            "bot",
            " ai",
            '"ai',
            "llm",
            "model",
            "agent",
            "responder",
            "analy",
            "on-call",
            "oncall",
            "read",
            "tool",
        ),
        rf"\b{_READER}\b(?:,|:) (?:please |now |only |just |do )*{_REQUESTED}\b",
    ),
    Address(
        (
            "mark",
            "close",
            "resolve",
            "classif",
            "treat",
            "label",
            "report",
            "declare",
            "dismiss",
            "downgrade",
            "escalate",
        ),
        r"(?:^|[.;:!?,>(\"'=-]\s*|\b(?:please|now|just|simply|instead|and|then|kindly) )(?:mark|close|resolve|classify|"
        r"treat|label|report|declare|dismiss|downgrade|(?:de-?)?escalate) (?:this|that|these|the|all|everything|it) "
        rf"(?:\w+ ){{0,3}}?(?:{_JUDGED}|(?:as|is|are|to be) (?:a |an )?{_ALL_WELL})\b",
    ),
    Address(
        ("severity", "verdict", "confidence"),
        r"\bset (?:the |its |your )?(?:severity|verdict|confidence) (?:to|as|=) ?(?:low|none|minor|info|confirmed|"
        r"inconclusive|likely|sev|p\d|\d)",
    ),
    Address(
        (" not", "n't", "never", " stop", "refrain", " need"),
        r"\b(?:do not|don't|never|refrain from|stop|no need to) (?:\w+ )?(?:report|mention|flag|cite|escalat(?:e|ing)|"
        r"pag(?:e|ing)|investigat(?:e|ing)|diagnos(?:e|ing)|triag(?:e|ing)|wake|look(?:ing)?|dig(?:ging)?) "
        r"(?:this|any|the|these|those|it|them|that|anyone|anybody|on-?call|further|deeper|into|at)\b",
    ),
    Address(
        (
            "prompt",
            "model",
            " ai",
            "assistant",
            "bot",
            "agent",
            " now",
            "task",
            "instruction",
            "rule",
            "role",
            "pretend",
            "objective",
            "directive",
        ),
        r"\b(?:system prompt|large language model|as an ai\b)|\byou are (?:now )?(?:an? |the |my )?(?:[\w-]+ ){0,3}"
        r"(?:ai|assistant|bot|chatbot|model|agent)\b|\byou are now\b|\bpretend (?:to be|that|you)\b|"
        r"\bnew (?:task|instruction|rule|role|objective|directive)s?:",
    ),
    Address(
        ("reply", "respond", "answer"),
        r"\b(?:reply|respond|answer) (?:only|exactly|just|simply|nothing but|with (?:only|exactly|just|nothing but|"
        r"your|the (?:words?|phrase|string|environment|secrets?|tokens?|password|contents?)))\b",
    ),
    Address(
        ("report", "say", "answer", "conclude", "state", "confirm", "tell", "declare"),
        r"\b(?:report|say|answer|conclude) that (?:everything|all|nothing|there (?:is|was))\b|"
        r"\b(?:report|say|answer|conclude|state|confirm|declare|tell (?:them|people|everyone|the \w+)) (?:that )?"
        r"(?:everything|all (?:is|systems|services|checks)|nothing|the (?:system|service|incident|cause)s?) "
        rf".{{0,30}}\b{_ALL_WELL}\b",
    ),
)
_COMPILED = tuple((address.stems, re.compile(address.source)) for address in ADDRESSES)
_MAX_CHARS = 4_000


def addresses_reader(text: str) -> bool:
    """Whether a part of the text, the first few thousand characters of it, is of one of these forms."""
    lowered = text[:_MAX_CHARS].lower()
    return any(
        any(stem in lowered for stem in stems) and pattern.search(lowered) is not None for stems, pattern in _COMPILED
    )

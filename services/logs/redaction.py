"""Secrets in log text, replaced by `[redacted:kind]` before anything is stored, shown or sent.

Precise on purpose: a rule needs the shape of a secret or a name that says so, never mere randomness, for
request ids and hashes are what an engineer searches by. Each rule has a literal that must occur first, which
keeps ordinary lines cheap. Shapes of tokens: the issuers' documentation.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str


def _rule(kind: str, hints: tuple[str, ...], pattern: str, replacement: str = "[redacted:{kind}]") -> _Rule:
    return _Rule(kind, hints, re.compile(pattern), replacement.format(kind=kind))


_NAMES = (
    r"(?:[\w.-]{0,40}(?:password|passwd|passphrase|secret|api[_-]?key|apikey|access[_-]?key|auth[_-]?token|"
    r"access[_-]?token|refresh[_-]?token|client[_-]?secret|private[_-]?key)|pwd|token|signature|x-amz-signature|sig)"
)
_RULES = (
    _rule(
        "private-key",
        ("private key",),
        r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]{0,20}PRIVATE KEY(?: "
        r"BLOCK)?-----|$)",
    ),
    _rule("jwt", ("eyj",), r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}"),
    _rule(
        "authorization",
        ("bearer ", "basic ", "token ", "digest ", "negotiate "),
        r"(?i)\b((?:bearer|negotiate)\s+(?=\S*[0-9])|authorization[\"']?\s?[:=]\s?[\"']?(?:basic|token|digest)\s+|"
        r"\bbasic\s+(?=[A-Za-z0-9+/]{12,}={0,2}(?![\w]))(?=\S*[0-9=]))[A-Za-z0-9+/=._~-]{8,}",
        r"\g<1>[redacted:{kind}]",
    ),
    _rule("aws-key", ("akia", "asia"), r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _rule("gcp-key", ("aiza",), r"\bAIza[A-Za-z0-9_-]{35}\b"),
    _rule("gcp-token", ("ya29.",), r"\bya29\.[A-Za-z0-9_-]{20,}"),
    _rule("slack-token", ("xox", "xapp-"), r"\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}"),
    _rule(
        "slack-webhook",
        ("hooks.slack.com",),
        r"(hooks\.slack\.com/(?:services|workflows|triggers)/)[\w/-]+",
        r"\g<1>[redacted:{kind}]",
    ),
    _rule(
        "github-token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})",
    ),
    _rule("gitlab-token", ("glpat-",), r"\bglpat-[\w-]{16,}"),
    _rule("stripe-key", ("k_live_", "k_test_"), r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _rule("npm-token", ("npm_",), r"\bnpm_[A-Za-z0-9]{30,}\b"),
    _rule(
        "url-credentials",
        ("://",),
        r"(\b[a-zA-Z][\w+.-]{0,30}://[^\s:/@\"'<>\[]{0,100}:)(?!\[redacted)[^\s/@\"'<>]{1,200}(?=@)",
        r"\g<1>[redacted:{kind}]",
    ),
    _rule(
        "password",
        ("pass", "secret", "key", "token", "pwd", "sig"),
        rf"(?i)((?<![\w])(?:{_NAMES})[\"']?\s{{0,2}}(?:=>|[=:])\s{{0,2}})"
        r"(?:\"(?!\[redacted)[^\"]{1,400}\"|'(?!\[redacted)[^']{1,400}'|(?![\[\"'{(<*]|\s)[^\s,;&\"'}\])]{3,400})",
        r"\g<1>[redacted:{kind}]",
    ),
)
# What stands after "password:" in ordinary sentences: states and types, not secrets.
_PLAIN_VALUE = re.compile(
    r"(?i)^[\"']?(?:null|none|nil|true|false|yes|no|n/a|undefined|unset|empty|missing|invalid|incorrect|expired|"
    r"required|"
    r"wrong|not|is|was|for|string|str|bool|int|\d{1,4}|<\w*>|\.{3}|x{3,}|\*+|\$\{?\w+\}?|%\w+%?)[\"'.]?$"
)


def redact(text: str) -> str:
    """The text with every secret it knows the shape of replaced; ordinary text comes back as it is."""
    lowered = text.lower()
    for rule in _RULES:
        if any(hint in lowered for hint in rule.hints):
            text = rule.pattern.sub(_replacer(rule), text)
    return text


def _replacer(rule: _Rule) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        if rule.kind == "password" and _PLAIN_VALUE.match(found[0][len(found[1]) :]):
            return found[0]
        return found.expand(rule.replacement)

    return replace


def begins_private_key(text: str) -> bool:
    """Whether the lines from here to the key's end marker are the body of a private key."""
    return "PRIVATE KEY" in text and "-----BEGIN " in text and "-----END " not in text


def ends_private_key(text: str) -> bool:
    """Whether this line closes a key's body."""
    return "PRIVATE KEY" in text and "-----END " in text


REDACTED_KEY_LINE = "[redacted:private-key]"

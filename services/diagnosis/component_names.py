"""The names of services and hosts, and where one line names another of them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from services.logs.service_names import is_source_file

_EXTENSION = re.compile(r"(?:\.(?:log|txt|json|jsonl|ndjson|out|err|csv|tsv|gz|zst|bz2|xz|zip|\d+))+$", re.IGNORECASE)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
# What people add to a name or leave out as they like.
_GENERIC = frozenset(
    {"service", "services", "svc", "server", "srv", "app", "pod", "prod", "production", "staging", "local", "logs"}
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
# A plain word is a name only where an address, a field's value or what is called stands.
_BEFORE_NAME = re.compile(
    r"(?i)(?:://|@|[(\[]|[=:]\s?[\"']?|"
    r"\b(?:upstream|backend|host|peer|server|service|dependency|cluster|node|call(?:ing)?|to|from|by|"
    r"contact(?:ing)?|reach(?:ing)?|waiting (?:for|on)|connect(?:ing)?)\s[\"'`]?)$"
)
_BEHIND_NAME = re.compile(
    r"(?i)^(?::\d|\.(?:[\w-]+\.)*(?:svc|local|internal|cluster|com|net|org|io)\b|[\"'`]?\s(?:service|server|cluster|"
    r"backend|host|upstream|(?:is |was )?(?:down|unavailable|unreachable|unhealthy|unresponsive|not responding)|"
    r"(?:has )?timed? ?out|did not|does not|refused|returned|responded|failed to))"
)
_LOOKED_BEHIND_CHARS, _LOOKED_AHEAD_CHARS = 24, 40
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.]{1,12}://(?:[^\s@/\"']{1,80}@)?|@)(?P<of_url>[a-z][\w-]*(?:\.[\w-]+)*)"
    r"|(?<![\w./@-])(?P<of_port>[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*):(?:\d{2,5}|<\*>)(?![\w.])"
)
_NOT_A_HOST = frozenset({"localhost", "line", "port", "code", "status", "error", "pid", "id", "at", "exit", "errno"})


def name_of_file(name: str) -> str:
    """The service that a log's name names: the last part of its path without extensions."""
    return _EXTENSION.sub("", name.replace("\\", "/").rpartition("/")[2]) or name


def name_key(name: str) -> str:
    """What is equal for `payment-service`, `PaymentService` and `payments`."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    telling = [part for part in parts if part not in _GENERIC and not part.isdigit()]
    return "".join(telling or parts).removesuffix("s")


class NameBook:
    """Knows names, and finds them in text however they are written there."""

    def __init__(self, names: Sequence[str]) -> None:
        whole = {_whole(name): name for name in names}
        by_key: dict[str, list[str]] = {}
        for name in names:
            by_key.setdefault(name_key(name), []).append(name)
        # Of names that only numbers tell apart, each is known by its whole self alone.
        self._name_of: Mapping[str, str] = whole | {
            key: several[0] for key, several in by_key.items() if len(several) == 1
        }

    def names_in(self, text: str) -> set[str]:
        """The known names that a text names."""
        return {name for found in _NAME.finditer(text) if (name := self._named(found)) is not None}

    def _named(self, found: re.Match[str]) -> str | None:
        word = found[0]
        name = self._name_of.get(_whole(word)) or self._name_of.get(name_key(word))
        if name is None or not (_is_compound(word) or _stands_as_name(found)):
            return None
        return name


def addresses_in(text: str) -> Iterator[str]:
    """The hosts that a text gives an address of: in a URL or before a port."""
    for found in _ADDRESS.finditer(text):
        host = found["of_url"] or found["of_port"]
        if host not in _NOT_A_HOST and len(host) > 2 and not is_source_file(host):
            yield host


def _whole(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_compound(word: str) -> bool:
    return "-" in word or "_" in word or len(_PARTS.findall(word)) > 1


def _stands_as_name(found: re.Match[str]) -> bool:
    text, begin, end = found.string, found.start(), found.end()
    before, behind = text[max(0, begin - _LOOKED_BEHIND_CHARS) : begin], text[end : end + _LOOKED_AHEAD_CHARS]
    return _BEFORE_NAME.search(before) is not None or _BEHIND_NAME.match(behind) is not None

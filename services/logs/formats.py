"""The name of a log's format, for people: what most of its lines look like."""

import re
from collections import Counter
from collections.abc import Iterable

# What lines begin with: one such line tells a build system; a line format is the first that fits.
_BUILDS: tuple[tuple[str, str], ...] = (
    ("travis build", r"travis_(?:fold|time):"),
    ("github actions", r"(?:[^\t]+\t[^\t]+\t)?\d{4}-\d\d-\d\dT\S{8,20}Z ##\["),
    ("gitlab build", r"section_(?:start|end):\d+:"),
)
_LINES: tuple[tuple[str, str], ...] = (
    ("kubectl", r"\[(?:pod|service)/[^\]]+\] "),
    ("cri", r"\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) [FP] "),
    ("access log", r'\S+ \S+ \S+ \[\d\d/\w{3}/\d{4}:[^\]]+\] "'),
    ("klog", r"[IWEF]\d{4} \d\d:\d\d:\d\d"),
    (
        "syslog",
        (
            r"(?:<\d+>(?:1 )?)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\S+T\S+) \S+ [\w./@-]+"
            r"(?:\([\w-]+\))?(?:\[\d+\])?: |<\d+>1 "
        ),
    ),
    ("journal export", r"_{0,2}[A-Z][A-Z0-9_]{1,60}="),
    ("journal json", r'\{.{0,4000}"__REALTIME_TIMESTAMP"'),
    ("docker json", r'\{"log":".{0,4000}"stream":"std(?:out|err)"'),
    ("apache error", r"\[\w{3} \w{3} \d\d [\d:.]+ \d{4}\] \["),
    ("redis", r"\d+:[MSCX] \d\d \w{3} \d{4} "),
    ("rails", r"[DIWEFA], \[\d{4}-"),
    ("mysql error", r"\d{4}-\d\d-\d\dT\S+ \d+ \[\w+\] "),
    ("postgres", r"\d{4}-\d\d-\d\d [\d:.]+ [A-Z]{3,4} \[\d+\] .*?[A-Z]{3,9}:  "),
    ("compose", r"[\w.-]{1,60}\s+\| "),
    ("nginx error", r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\] \d+#\d+:"),
)
# A mark of a build system is a line in hundreds; a line format is most of them.
_LINE_SHARE = 0.5
_BEGINNINGS = (*_BUILDS, *_LINES)
_BEGINNING = re.compile("|".join(f"(?P<f{place}>{pattern})" for place, (_, pattern) in enumerate(_BEGINNINGS)))


def format_of(kinds: Iterable[tuple[str, str, int]]) -> str:
    """The format of a file from its kinds of lines: (style of the parsed line, a sample of it, how many)."""
    votes: Counter[str] = Counter()
    total = 0
    for style, sample, count in kinds:
        total += count
        found = _BEGINNING.match(sample)
        place = int(found.lastgroup[1:]) if found and found.lastgroup else None
        if place is not None and place < len(_BUILDS):
            return _BUILDS[place][0]
        line_name = None if place is None else _BEGINNINGS[place][0]
        votes[line_name or {"header": "application"}.get(style, style)] += count
    if not votes:
        return "plain"
    name, count = votes.most_common(1)[0]
    return name if count >= total * _LINE_SHARE else "plain"

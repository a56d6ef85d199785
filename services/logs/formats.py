"""The name of a log's format, for people: what most of its lines look like."""

import re
from collections import Counter
from collections.abc import Iterable

_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("travis build", re.compile(r"^travis_(?:fold|time):")),
    ("github actions", re.compile(r"^(?:[^\t]+\t[^\t]+\t)?\d{4}-\d\d-\d\dT\S{8,20}Z ##\[")),
    ("gitlab build", re.compile(r"^section_(?:start|end):\d+:")),
)
_LINE_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("kubectl", re.compile(r"^\[(?:pod|service)/[^\]]+\] ")),
    ("cri", re.compile(r"^\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) [FP] ")),
    ("access log", re.compile(r'^\S+ \S+ \S+ \[\d\d/\w{3}/\d{4}:[^\]]+\] "')),
    ("klog", re.compile(r"^[IWEF]\d{4} \d\d:\d\d:\d\d")),
    (
        "syslog",
        re.compile(
            r"^(?:<\d+>(?:1 )?)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\S+T\S+) \S+ [\w./@-]+"
            r"(?:\([\w-]+\))?(?:\[\d+\])?: |^<\d+>1 "
        ),
    ),
    ("journal export", re.compile(r"^_{0,2}[A-Z][A-Z0-9_]{1,60}=")),
    ("journal json", re.compile(r'^\{.{0,4000}"__REALTIME_TIMESTAMP"')),
    ("docker json", re.compile(r'^\{"log":".{0,4000}"stream":"std(?:out|err)"')),
    ("apache error", re.compile(r"^\[\w{3} \w{3} \d\d [\d:.]+ \d{4}\] \[")),
    ("redis", re.compile(r"^\d+:[MSCX] \d\d \w{3} \d{4} ")),
    ("rails", re.compile(r"^[DIWEFA], \[\d{4}-")),
    ("mysql error", re.compile(r"^\d{4}-\d\d-\d\dT\S+ \d+ \[\w+\] ")),
    ("postgres", re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ [A-Z]{3,4} \[\d+\] .*?[A-Z]{3,9}:  ")),
    ("compose", re.compile(r"^[\w.-]{1,60}\s+\| ")),
    ("nginx error", re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\] \d+#\d+:")),
)
# A mark of a build system is a line in hundreds; a line format is most of them.
_LINE_SHARE = 0.5


def format_of(kinds: Iterable[tuple[str, str, int]]) -> str:
    """The format of a file from its kinds of lines: (style of the parsed line, a sample of it, how many)."""
    votes: Counter[str] = Counter()
    total = 0
    for style, sample, count in kinds:
        total += count
        for name, pattern in _NAMES:
            if pattern.match(sample):
                return name
        line_name = next((name for name, pattern in _LINE_NAMES if pattern.match(sample)), None)
        votes[line_name or {"header": "application"}.get(style, style)] += count
    if not votes:
        return "plain"
    name, count = votes.most_common(1)[0]
    return name if count >= total * _LINE_SHARE else "plain"

"""Log lines as nobody wrote them: real ones damaged, and pieces that are known to hurt."""

from functools import cache
from random import Random

from tests.fuzz.bait import bait, owned_patterns
from tests.services.logs.sample_traces import TRACES
from tests.services.logs.test_log_formats import FORMATS

# More shows nothing new, and takes long to make.
_MAX_CHARS, _MAX_LINE_CHARS = 1_000_000, 150_000
_STAMPS = [
    "0000-00-00 00:00:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "9999-12-31T23:59:59-23:59",
    "10000-01-01 00:00:00",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30 25:61:61",
    "2026-02-29 07:01:02",
    "2024-02-29T23:59:60Z",
    "Feb 29 07:01:02",
    "Feb 30 07:01:02",
    "31/Nov/2026:07:01:02 +9999",
    "1970-01-01T00:00:00Z",
    "99999999999999999999",
    "-1",
    "1e400",
    "[00000.000000]",
]
_PIECES = [
    "\x1b[31m", "\x1b[", "\x1b]8;;", "\x1b]0;", "\x9b1;31m", "\u202e", "\u2066", "\u200b", "\u0634\u0628\u0643\u0629", "\u05d0\u05d1",
    "\x00", "\ufeff", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "\U0001f4a5", "e\u0301" * 30, "\u2028", "\x85", "\x0b",
    "\x0c", "\r", "\r\n", "\t", "1" * 400, "9" * 5_000, "-" * 300, "1e99999", "0x" + "f" * 300, "NaN", "1.7976931348623157e308", "٣٤٥",
    "²", "{" * 40, "[" * 40, '"' * 41, "\\" * 41, "'", "`", "<*>", "{}", "%s", "%n", "${jndi:ldap://x}", "=", "==", "a=", "=b", 'a="', "://",
    "user:pass@", "password=", "Bearer ", "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "Caused by: ", "\tat a.b.C(D.java:1)",
    "Traceback (most recent call last):", "Exception", "ERROR", "FATAL", "HTTP 503", "status=500", "latency=", "ms", "%", " ", "  ",
]  # fmt: skip


@cache
def real_lines() -> tuple[str, ...]:
    """Lines of every format and every language's traces."""
    formats = [line for text, *_ in FORMATS.values() for line in text.splitlines()]
    traces = [line for text, _ in TRACES.values() for line in text.splitlines()]
    return (*formats, *traces)


def lines(draw: Random, count: int) -> list[str]:
    """At most so many lines, drawn from few kinds or from many: real, damaged, and baited."""
    known = [_line(draw) for _ in range(draw.choice((1, 3, 20, 200)))]
    drawn, chars = [], 0
    while len(drawn) < count and chars < _MAX_CHARS:
        line = draw.choice(known)
        drawn.append(_damaged(draw, line) if draw.random() < 0.2 else line)
        chars += len(drawn[-1])
    return drawn


def _line(draw: Random) -> str:
    line = draw.choice(real_lines())
    for _ in range(draw.choice((0, 0, 1, 2, 6))):
        line = _damaged(draw, line)
    return line


def _damaged(draw: Random, line: str) -> str:
    at, end = sorted((draw.randint(0, len(line)), draw.randint(0, len(line))))
    return draw.choice(_DAMAGES)(draw, line, at, end)[:_MAX_LINE_CHARS]


_DAMAGES = [
    lambda draw, line, at, end: line[:at] + line[end:],
    lambda draw, line, at, end: line[:at] + line[at:end] * draw.choice((2, 5, 300)) + line[end:],
    lambda draw, line, at, end: line[:at] + draw.choice(_PIECES) + line[at:],
    lambda draw, line, at, end: line[:at] + draw.choice(_PIECES) * draw.choice((2, 100, 3_000)) + line[at:],
    lambda draw, line, at, end: draw.choice(_STAMPS) + draw.choice((" ", "\t", "Z ", "] ")) + line[at:],
    lambda draw, line, at, end: line[:at] + draw.choice(real_lines()) + line[end:],
    lambda draw, line, at, end: line[:at] + chr(draw.randrange(0x250)) + line[at + 1 :],
    lambda draw, line, at, end: line[:at] + str(draw.randrange(10 ** draw.choice((1, 5, 40)))) + line[end:],
    lambda draw, line, at, end: line.swapcase(),
    lambda draw, line, at, end: line[::-1],
]


def baited_lines(draw: Random) -> list[str]:
    """Text against one of our own patterns, bare and behind the header of a real line, among ordinary lines."""
    hooked = bait(draw.choice(owned_patterns()), draw)
    head = draw.choice(real_lines())
    front = draw.choice(("", "", "ERROR ", head[: draw.randint(0, len(head))]))
    return [*lines(draw, 5), *[front + hooked] * draw.choice((1, 3)), hooked + front, *lines(draw, 3)]

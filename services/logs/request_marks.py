"""What a line says of the request it is about: its trace, the HTTP status, how long it took."""

import re
from dataclasses import dataclass

_TRACE = re.compile(
    r"(?i)\b(?:trace[_.-]?id|request[_-]?id|correlation[_-]?id|x-request-id|req[_-]?id)\"?\s?[=:]\s?\"?([\w-]{6,64})"
    r"|\[(?:req-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,32})\b"
)
_STATUS = re.compile(
    r'" (?P<access>[1-5]\d\d) (?:\d|-)|\bHTTP/[\d.]{1,3}"? (?P<response>[1-5]\d\d)\b'
    r'|(?i:\b(?:http_?)?status(?:_?code)?)"?\s?[=:]\s?"?(?P<named>[1-5]\d\d)\b'
)
_LATENCY = re.compile(
    r"(?i)\b(?:latency|duration|elapsed|took|response_?time|request_?time|time_taken)(?P<suffix>_ms|_us|_seconds|_s)?\"?"
    r"(?:\s?[=:]\s?|\s)\"?(?P<number>\d{1,9}(?:\.\d{1,9})?)\s?(?P<unit>ms|us|µs|s|seconds?)?\b"
)
_MILLISECONDS = {"ms": 1.0, "us": 0.001, "µs": 0.001, "s": 1000.0, "second": 1000.0, "seconds": 1000.0}
_SEARCHED_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class RequestMarks:
    """latency_ms is None where the line names no unit."""

    trace_id: str | None
    status: int | None
    latency_ms: float | None


def request_marks(text: str) -> RequestMarks:
    """Of any line, whatever its format: JSON, logfmt, an access log, prose."""
    text = text[:_SEARCHED_CHARS]
    status, latency = _STATUS.search(text), _LATENCY.search(text)
    return RequestMarks(
        trace_id=trace_id_in(text),
        status=int(next(filter(None, status.groups()))) if status else None,
        latency_ms=_milliseconds(latency) if latency else None,
    )


def trace_id_in(text: str) -> str | None:
    """The id of the request, trace or correlation that a line names."""
    trace = _TRACE.search(text[:_SEARCHED_CHARS])
    return (trace[1] or trace[2]) if trace else None


def _milliseconds(found: re.Match[str]) -> float | None:
    unit = (found["unit"] or (found["suffix"] or "").lstrip("_")).lower()
    return round(float(found["number"]) * _MILLISECONDS[unit], 3) if unit else None

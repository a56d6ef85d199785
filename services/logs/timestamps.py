"""Timestamps: finding one in a line, and reading the same place in millions of lines cheaply.

Naive times are taken as UTC. Times without a year (syslog, klog, Android) get the latest year that does not
put them after `today`. Of 3/4/2026 the month is taken to be the first number.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import NamedTuple

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_MONTH = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w{0,6},? )?(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"(?P<H>\d\d)[:.](?P<M>\d\d)[:.](?P<S>\d\d)"
_FRACTION = r"(?:[.,:](?P<frac>\d{1,9}))?"
_ZONE = r"(?:\s?(?P<zone>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b))?"
_Find = Callable[[str, int, int], re.Match[str] | None]
# What a text must hold for a layout to be looked for: most lines of a log hold little of it.
_CLOCKED, _DIGITS, _MONTHS_NAMED, _SLASHED = 1, 2, 4, 8
_HOLDS_CLOCK = re.compile(r"\d[:.]\d\d[:.]\d\d")
_SIGN_OF_TIME = re.compile(r"\d(?:[:.]\d\d[:.]\d\d|\d{5})")  # either of these two, begun by what a search skips to
_HOLDS_DIGITS = re.compile(r"\d{6}")
_HOLDS_MONTH = re.compile(r"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec")
# Needs a clock. Of two layouts found at one place the first counts, so this one before all others.
COMMONEST_LAYOUT: _Find = re.compile(
    rf"(?<!\d)(?P<y>[12]\d\d\d)[-/.](?P<m>\d\d)[-/.](?P<d>\d\d)[T _-]{_CLOCK}{_FRACTION}{_ZONE}"
).search


def _anywhere(needed: int, pattern: str) -> tuple[int, _Find]:
    return needed, re.compile(pattern).search


def _at_start(needed: int, pattern: str) -> tuple[int, _Find]:
    return needed, re.compile(pattern).match


# (what it needs, what finds it).
OTHER_LAYOUTS: tuple[tuple[int, _Find], ...] = (
    _anywhere(_CLOCKED | _MONTHS_NAMED, rf"(?<!\d)(?P<d>\d\d)/{_MONTH}/(?P<y>\d{{4}}):{_CLOCK}{_ZONE}"),
    _anywhere(
        _CLOCKED | _MONTHS_NAMED, rf"\b{_MONTH} +(?P<d>\d{{1,2}}),? {_CLOCK}{_FRACTION}(?: (?P<y>[12]\d\d\d)\b)?"
    ),
    _anywhere(_CLOCKED | _MONTHS_NAMED, rf"\b{_MONTH} (?P<d>\d\d),? (?P<y>[12]\d\d\d),? {_CLOCK}{_FRACTION}"),
    _anywhere(_CLOCKED | _MONTHS_NAMED, rf"(?<!\d)(?P<d>\d\d) {_MONTH} (?P<y>[12]\d\d\d) {_CLOCK}{_FRACTION}{_ZONE}"),
    _anywhere(
        _DIGITS,
        rf"(?<!\d)(?P<y>[12]\d\d\d)(?P<m>\d\d)(?P<d>\d\d)[- T]"
        rf"(?P<H>\d{{1,2}}):(?P<M>\d{{1,2}}):(?P<S>\d{{1,2}}){_FRACTION}",
    ),
    _anywhere(_CLOCKED, rf"(?<!\S)[IWEF](?P<m>[01]\d)(?P<d>\d\d) {_CLOCK}{_FRACTION}"),
    _at_start(_CLOCKED, rf"(?P<m>[01]\d)-(?P<d>\d\d) {_CLOCK}{_FRACTION}"),
    _at_start(_CLOCKED, rf"\[(?P<m>[01]\d)\.(?P<d>\d\d) {_CLOCK}"),
    _at_start(_CLOCKED, rf"(?P<yy>\d\d)/(?P<m>\d\d)/(?P<d>\d\d) {_CLOCK}"),
    _anywhere(
        _CLOCKED | _SLASHED,
        r"(?<![\d/])(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<y>[12]\d\d\d),? "
        rf"(?P<H>\d{{1,2}}):(?P<M>\d\d):(?P<S>\d\d){_FRACTION}(?: ?(?P<half>[AP])M\b)?",
    ),
    _at_start(_DIGITS, r"(?P<yy>\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d) (?P<H>[0-2]\d)(?P<M>[0-5]\d)(?P<S>[0-5]\d)\b"),
    _anywhere(
        _DIGITS,
        # In front of a line a bare number and a space may as well count something.
        r"(?:^(?:\W{1,3}|(?=1[0-9]{9}(?:\.\d|\d{3}|[^\s\w])))"
        r'|"(?:ts|time|timestamp|@timestamp|t|__REALTIME_TIMESTAMP)" ?: ?"?|\bts=|^__REALTIME_TIMESTAMP=)'
        r"(?P<epoch>1[0-9]{9})(?:\.(?P<frac>\d{1,9})|(?P<ms>\d{3})(?:\d{3}){0,2})?\b",
    ),
    # Records in columns, their number first: `134681 node-246 unix.hw up 1077804742 1 message`.
    _at_start(_DIGITS, r"(?P<columns>\d{1,10} (?:[^\s\"=]{1,40} ){1,5}?)(?P<epoch>1[0-9]{9})(?= )"),
)
_LAYOUT_CHARS = 40
# Headers are at the start; a JSON line may carry its time behind other fields.
_SEARCH_CHARS = 240


class Stamp(NamedTuple):
    """A timestamp found in a text: its place (characters) and the moment, aware UTC. is_column: others stand before."""

    start: int
    end: int
    moment: datetime
    is_column: bool = False


def find_stamp(text: str, *, today: date) -> Stamp | None:
    """The first timestamp of a line, or None; impossible dates (31 February) are none."""
    found = first_layout(text)
    if found is None:
        return None
    parts = found.groupdict()
    try:
        moment = _moment(parts, today)
    except (ValueError, OverflowError):
        return None
    columns = parts.get("columns") or ""
    return Stamp(
        found.start() + len(columns),
        found.end(),
        moment,
        is_column=bool(columns),
    )


def first_layout(text: str) -> re.Match[str] | None:
    """The leftmost match of any layout; what was found bounds where the others are searched."""
    found, end = None, _SEARCH_CHARS
    sign = _SIGN_OF_TIME.search(text, 0, end)
    if sign is None:
        return None
    has_clock = _HOLDS_CLOCK.search(text, sign.start(), end) is not None
    if has_clock and (found := COMMONEST_LAYOUT(text, 0, end)):
        if found.start() <= 1:
            return found
        end = found.start() + _LAYOUT_CHARS
    held = _held(text, end, has_clock=has_clock)
    for needed, find in OTHER_LAYOUTS:
        match = find(text, 0, end) if needed & held == needed else None
        if match and (found is None or match.start() < found.start()):
            found, end = match, match.start() + _LAYOUT_CHARS
            if match.start() <= 1:
                break
    return found


def _held(text: str, end: int, *, has_clock: bool) -> int:
    """Which of the things that layouts need the head of a text holds."""
    held = _DIGITS if _HOLDS_DIGITS.search(text, 0, end) else 0
    if has_clock:
        held |= _CLOCKED
        held |= _MONTHS_NAMED if _HOLDS_MONTH.search(text, 0, end) else 0
        held |= _SLASHED if text.find("/", 0, end) >= 0 else 0
    return held


def _moment(parts: dict[str, str | None], today: date) -> datetime:
    microseconds = int(((parts.get("frac") or "") + "000000")[:6])
    if epoch := parts.get("epoch"):
        milliseconds = int(parts.get("ms") or 0)
        return datetime.fromtimestamp(int(epoch), UTC) + timedelta(milliseconds=milliseconds, microseconds=microseconds)
    month, day = _month_and_day(parts)
    hour = _hour(int(parts["H"] or 0), parts.get("half"))
    minute, second = int(parts["M"] or 0), min(59, int(parts["S"] or 0))  # a leap second is written as 60
    zone = _zone(parts.get("zone"))
    moment = datetime(_year(parts, month, day, today), month, day, hour, minute, second, microseconds, zone)
    return moment if zone is UTC else moment.astimezone(UTC)


def _month_and_day(parts: dict[str, str | None]) -> tuple[int, int]:
    """Of 11/22/2026 and 22/11/2026 both: the month is first, unless that cannot be."""
    if first := parts.get("first"):
        month, day = int(first), int(parts["second"] or 0)
        return (day, month) if month > _MONTHS["dec"] else (month, day)
    named = parts.get("mon")
    return _MONTHS[named.lower()] if named else int(parts["m"] or 0), int(parts["d"] or 0)


def _hour(hour: int, half: str | None) -> int:
    """Of a day of twice twelve hours, where `half` (A, P) says which."""
    return hour if half is None else hour % 12 + 12 * (half == "P")


def _year(parts: dict[str, str | None], month: int, day: int, today: date) -> int:
    if year := parts.get("y"):
        return int(year)
    if short := parts.get("yy"):
        return 2000 + int(short)
    # A day of grace: the writer's clock or zone may be ahead of ours.
    latest = today + timedelta(days=1)
    return latest.year if (month, day) <= (latest.month, latest.day) else latest.year - 1


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))

"""Where a kind of line bears its time, so that the same text is read as a time only once.

Lines of one key bear their time alike: beside the first hh:mm:ss, as the first ten digits of an epoch, or at a
fixed place. The days are looked up among those already read, and the clock is added: a day costs one parse however
many lines it holds.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.logs.display import strip_unseen
from services.logs.lines import decode
from services.logs.stamp_loops import CLOCK, EPOCH, FIXED, STAMP_BYTES, clock_seconds
from services.logs.timestamps import Stamp, find_stamp

_CLOCK = re.compile(rb"(?<![0-9])[0-9]{2}:[0-9]{2}:[0-9]{2}")
_FRACTION = re.compile(rb"(?:[.,:][0-9]{1,9})?")
_EPOCH = re.compile(rb"(?<![0-9])1[0-9]{9}")


class StampPlace(NamedTuple):
    """How to find a line's time: the way (0: it bears none), bytes before the anchor, bytes of year or zone behind."""

    way: int
    before: int
    tail: int


NOWHERE = StampPlace(0, 0, 0)


def place_of(text: str, stamp: Stamp | None) -> StampPlace:
    """The place of the stamp found in a displayable line."""
    if stamp is None:
        return NOWHERE
    line = text.encode("utf-8", "replace")
    start, end = (len(text[:at].encode("utf-8", "replace")) for at in (stamp.start, stamp.end))
    clock = _CLOCK.search(line, 0, STAMP_BYTES)
    if clock and start <= clock.start() and clock.end() <= end:
        behind = _end_of_fraction(line, clock.end())
        return StampPlace(CLOCK, clock.start() - start, max(0, end - behind))
    epoch = _EPOCH.search(line, 0, STAMP_BYTES)
    if epoch and start <= epoch.start() and epoch.end() <= end:
        return StampPlace(EPOCH, 0, 0)
    return StampPlace(FIXED, start, end - start)


def stamp_parts(line: bytes, place: StampPlace) -> tuple[bytes, int]:
    """(what makes up the day of a raw line that has its time there, seconds to add to it or -1 where it is no time).

    Where nothing stands there the day is the head of the line.
    """
    if place.way == CLOCK:
        found = _CLOCK.search(line, 0, STAMP_BYTES)
        if found:
            behind = _end_of_fraction(line[:STAMP_BYTES], found.end())
            day = line[max(0, found.start() - place.before) : found.start()]
            zone = line[behind : min(STAMP_BYTES, behind + place.tail)]
            return day + zone, clock_seconds(line, found.start())
    elif place.way == EPOCH:
        found = _EPOCH.search(line, 0, STAMP_BYTES)
        if found:
            return b"", int(found[0]) - 1
    elif place.before < len(line):
        return line[place.before : min(STAMP_BYTES, place.before + place.tail)], 0
    return line[:STAMP_BYTES], 0


def day_of(line: bytes, place: StampPlace, *, today: date) -> int:
    """The epoch seconds to which a raw line's seconds are added, 0 where the line bears no time."""
    if place.way == CLOCK:
        found = _CLOCK.search(line, 0, STAMP_BYTES)
        if found:
            return _second_of(line[: found.start()] + b"00:00:00" + line[found.end() :], today=today)
    elif place.way == EPOCH:
        found = _EPOCH.search(line, 0, STAMP_BYTES)
        if found:
            return int(_second_of(line, today=today) == int(found[0]))
    return _second_of(line, today=today)


def _end_of_fraction(line: bytes, start: int) -> int:
    found = _FRACTION.match(line, start)
    return found.end() if found else start


def _second_of(line: bytes, *, today: date) -> int:
    stamp = find_stamp(strip_unseen(decode(line[:_READ_BYTES])), today=today)
    second = int(stamp.moment.timestamp()) if stamp else 0
    return second if 0 < second <= _LAST_SECOND else 0


# Seconds are kept in 32 bits, and a clock's may be added: from February 2106 on no time is believed.
_LAST_SECOND = 2**32 - 1 - 2 * 86_400
# A colour or two may stand before what is looked at.
_READ_BYTES = 2 * STAMP_BYTES


@dataclass(slots=True)
class StampMemo:
    """Days by what makes them up."""

    today: date
    _days: dict[tuple[StampPlace, bytes], int] = field(default_factory=dict)

    def second(self, line: bytes, place: StampPlace) -> int:
        """The epoch seconds of a raw line, 0 where it bears no time."""
        if not place.way:
            return 0
        text, addition = stamp_parts(line, place)
        if addition < 0:
            return 0
        key = (place, text)
        if key not in self._days:
            self._days[key] = day_of(line, place, today=self.today)
        return self._days[key] + addition if self._days[key] else 0

"""By how much the clocks of several files differ, from the requests that more than one of them names.

A request reaches all its services within a moment. Where its first lines lie apart in two files, always by about
the same, the clocks differ: by seconds where a host keeps no time, by hours where one logs in local time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

from services.diagnosis.findings import LineRef

# Fewer agree by chance.
_MIN_REQUESTS = 8
# Times are whole seconds, and a request takes a moment from one service to the next.
_MIN_SKEW_SECONDS = 2
_SPREAD_SECONDS = 1
# A queue between two services delays each request by another time; clocks delay all of them by the same.
_AGREEING_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first line (from 0) of a file that names a request, and its epoch second."""

    line: int
    second: int


Sightings = Mapping[str, Sighting]
"""By the request's or trace's id."""


@dataclass(frozen=True, slots=True)
class Skew:
    """The clock of the file `ahead` is `seconds` ahead of that of `behind`. refs: a request's first line in each."""

    ahead: int
    behind: int
    seconds: int
    requests: int
    refs: tuple[LineRef, LineRef]


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of all files. skews: what is to be told, the largest first; none where they agree or nothing shows."""

    skews: tuple[Skew, ...] = ()
    _ahead_seconds: Mapping[int, int] = field(default_factory=dict)

    def ahead_seconds(self, file: int) -> int:
        """What is to be taken off a file's times to have them by one clock for all files."""
        return self._ahead_seconds.get(file, 0)


def clocks_of(sightings: Mapping[int, Sightings]) -> Clocks:
    """The clocks of files (by number) that name requests. Files that share no requests are taken to agree.

    Every file is compared with the one that shares requests with the most others, directly or from file to file.
    """
    pairs = [skew for one, other in combinations(sorted(sightings), 2) if (skew := _skew(sightings, one, other))]
    skews = [skew for skew in pairs if skew.seconds >= _MIN_SKEW_SECONDS]
    skews.sort(key=lambda skew: (-skew.seconds, skew.ahead, skew.behind))
    return Clocks(tuple(skews), _by_one_clock(pairs) if skews else {})


def _skew(sightings: Mapping[int, Sightings], one: int, other: int) -> Skew | None:
    """How the clocks of two files differ, also where they do not; None where that does not show."""
    first, second = sightings[one], sightings[other]
    shared = sorted(first.keys() & second.keys(), key=lambda request: first[request].line)
    if len(shared) < _MIN_REQUESTS:
        return None
    apart = [first[request].second - second[request].second for request in shared]
    middle = round(median(apart))
    if not _is_steady(apart, middle):
        return None
    shown = shared[min(range(len(shared)), key=lambda place: abs(apart[place] - middle))]
    refs = (LineRef(one, first[shown].line), LineRef(other, second[shown].line))
    if middle < 0:
        return Skew(other, one, -middle, len(shared), (refs[1], refs[0]))
    return Skew(one, other, middle, len(shared), refs)


def _is_steady(apart: Sequence[int], middle: int) -> bool:
    """Whether most requests lie apart by the same, from the first to the last: what grows with the load is no clock."""
    half = len(apart) // 2
    return all(
        abs(median(part) - middle) <= _SPREAD_SECONDS
        and sum(abs(each - middle) <= _SPREAD_SECONDS for each in part) >= _AGREEING_SHARE * len(part)
        for part in (apart[:half], apart[half:])
    )


def _by_one_clock(pairs: Sequence[Skew]) -> dict[int, int]:
    """Seconds ahead of one file's clock, by file; a file is reached from the one it shares the most requests with."""
    files = [file for skew in pairs for file in (skew.ahead, skew.behind)]
    waiting = sorted(pairs, key=lambda skew: -skew.requests)
    ahead: dict[int, int] = {}
    while waiting:
        if not any(_reaches(skew, ahead) for skew in waiting):
            left = {file for skew in waiting for file in (skew.ahead, skew.behind)}
            ahead[max(sorted(left), key=files.count)] = 0
        skew = next(skew for skew in waiting if _reaches(skew, ahead))
        waiting.remove(skew)
        if skew.behind in ahead:
            ahead.setdefault(skew.ahead, ahead[skew.behind] + skew.seconds)
        else:
            ahead[skew.behind] = ahead[skew.ahead] - skew.seconds
    return ahead


def _reaches(skew: Skew, ahead: Mapping[int, int]) -> bool:
    return skew.ahead in ahead or skew.behind in ahead


def told(skew: Skew, names: Sequence[str]) -> str:
    """The skew in words; `names` of all files."""
    return (
        f"the clock of {names[skew.ahead]} is {_duration(skew.seconds)} ahead of {names[skew.behind]} "
        f"({skew.requests:,} requests seen in both)"
    )


def _duration(seconds: int) -> str:
    hours = round(seconds / 3600, 2)
    if seconds >= 1800 and abs(hours * 4 - round(hours * 4)) < 0.02:  # zones differ by quarters of an hour
        return f"{round(hours * 4) / 4:g} h (a time zone, it seems)"
    return f"about {seconds:,} s"

"""What stands in front of a line's own header: containers, pods, build systems, syslog's priority and tag."""

import re
from typing import NamedTuple

from services.logs.levels import Level, level_of_letter, level_of_priority, level_of_word

_COMPOSE = re.compile(r"^(?P<component>[\w.-]{1,60})\s+\| ")
_KUBECTL = re.compile(r"^\[(?:pod|service)/(?P<component>(?P<pod>[^\]/]{1,120})[^\]]{0,120})\] ")
_ACTIONS = re.compile(r"^[^\t]{1,120}\t[^\t]{1,120}\t\ufeff?(?=\d{4}-)")
_CI_MARK = re.compile(r"travis_(?:fold|time):(?:start|end):\S*|section_(?:start|end):\d+:\S*")
_PRIORITY = re.compile(r"^<(\d{1,3})>(?:1 )?")
# Ruby's Logger: one letter, and the process number behind the time.
_RUBY = re.compile(r"^(?P<letter>[DIWEFA]), (?=\[\d{4}-)")
# Redis: process number and role (master, replica, sentinel, child); behind the time a mark for the level.
_REDIS = re.compile(r"^\d{1,10}:[MSCX] (?=\d\d \w{3} \d{4} [\d:.]{8,16} (?P<mark>[.*#-]) )")
_REDIS_LEVELS = {".": Level.DEBUG, "-": Level.DEBUG, "*": Level.INFO, "#": Level.WARNING}
_JOURNAL_FIELD = re.compile(r"^(?:MESSAGE=|PRIORITY=(?P<priority>[0-7])$)")
_CLOCK = re.compile(r"^\[?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]?(?=[ \t])\s*")
_BUILD_LINE = re.compile(r"^\d\d[OE] ")


class Prefix(NamedTuple):
    """What was taken off: the rest of the line and what the prefix said. clock_end: of a time of day in the rest."""

    rest: str
    component: str | None
    pod: str | None
    level: Level | None
    clock_end: int


def take_prefix(text: str) -> Prefix:
    """Take prefixes off the front of a line, however many there are."""
    rest, component, pod = text, None, None
    if "\t" in rest and (found := _ACTIONS.match(rest)):
        rest = rest[found.end() :]
    if "| " in rest and (found := _COMPOSE.match(rest)):
        component, rest = found["component"], rest[found.end() :]
    if rest[:1] == "[" and (found := _KUBECTL.match(rest)):
        component, pod, rest = found["component"], found["pod"], rest[found.end() :]
    if "travis_" in rest or "section_" in rest:
        rest = _CI_MARK.sub("", rest)
    rest, level = _leveled(rest)
    clock = _CLOCK.match(rest) if rest[:1] == "[" or rest[:1].isdigit() else None
    return Prefix(rest, component, pod, level, clock_end=clock.end() if clock else 0)


def _leveled(rest: str) -> tuple[str, Level | None]:
    """The rest behind a prefix that names a level."""
    first = rest[:1]
    if first == "<" and (found := _PRIORITY.match(rest)):
        return rest[found.end() :], level_of_priority(int(found[1]))
    if rest[1:2] == "," and (found := _RUBY.match(rest)):
        return rest[found.end() :], level_of_letter(found["letter"])
    if first.isdigit() and (found := _REDIS.match(rest)):
        return rest[found.end() :], _REDIS_LEVELS[found["mark"]]
    if first in {"M", "P"} and (found := _JOURNAL_FIELD.match(rest)):
        priority = found["priority"]
        return (rest, level_of_priority(int(priority))) if priority else (rest[found.end() :], None)
    return rest, None


class Tag(NamedTuple):
    """The head of a syslog message: who sent it."""

    rest: str
    host: str
    component: str


_RFC5424 = re.compile(
    r"^(?P<host>[\w.:-]{1,255}) (?P<component>[\w./@-]{1,48}) (?:\d{1,10}|-) (?:[\w.-]{1,32}) "
    r'(?:-|(?:\[[\w.@-]{1,80}(?: [\w.@-]{1,32}="(?:[^"\\\]]|\\.)*")*\])+) ?\ufeff?'
)
_RFC3164 = re.compile(
    r"^(?P<host>[\w.:/@-]{1,80}) (?P<component>[\w./@-]{1,80})(?:\([\w-]{1,40}\))?(?P<pid>\[\d+\])?"
    r"(?: \([\w.-]{1,120}\))?: "
)
_MAX_TAG_CHARS = 300
_SPACED_TAG = re.compile(r"^(?P<host>[\w.:/@-]{1,80}) (?P<component>[\w./@-]{1,40}(?: [\w./@-]{1,40}){1,3})\[\d+\]: ")


def take_tag(rest: str, *, is_syslog: bool, has_priority: bool) -> Tag | None:
    """The tag behind syslog's time. Where the time is none of syslog's, only a tag with a process number is one."""
    if not is_syslog and not has_priority and "]: " not in rest[:_MAX_TAG_CHARS]:
        return None
    for pattern in (_RFC3164, _SPACED_TAG, _RFC5424) if has_priority else (_RFC3164, _SPACED_TAG):
        found = pattern.match(rest)
        if found and (is_syslog or pattern is not _RFC3164 or found["pid"]):
            return Tag(rest[found.end() :], found["host"], found["component"])
    return None


_TRAILING_LOGGER = re.compile(r" \((?P<logger>[A-Za-z_$][\w$]*(?:\.[\w$]+)+)\)$")


def take_trailing_logger(message: str) -> tuple[str, str | None]:
    """log4j as Kafka sets it up: the logger in parentheses behind the message."""
    if not message.endswith(")"):
        return message, None
    found = _TRAILING_LOGGER.search(message)
    return (message[: found.start()], found["logger"]) if found and found.start() else (message, None)


_BASIC = re.compile(r"^(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL):(?P<logger>[\w.-]{1,100}):(?=\S)")


def take_basic_config(rest: str) -> tuple[str, Level | None, str | None]:
    """Python's logging without a format of its own: `ERROR:app.db:no connection`."""
    found = _BASIC.match(rest)
    return (rest[found.end() :], level_of_word(found["level"]), found["logger"]) if found else (rest, None, None)


def take_build_stream(rest: str) -> str:
    """The rest behind GitLab's stream mark (`00O `), which stands behind the time."""
    found = _BUILD_LINE.match(rest) if rest[2:3] in {"O", "E"} else None
    return rest[found.end() :] if found else rest

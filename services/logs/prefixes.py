"""What stands in front of a line's own header: containers, pods, build systems, syslog's priority and tag."""

import re
from typing import NamedTuple

from services.logs.levels import Level, level_of_letter, level_of_priority, level_of_word

_COMPOSE = re.compile(r"^(?P<component>[\w.-]{1,60})\s+\| ")
_KUBECTL = re.compile(r"^\[(?:pod|service)/(?P<component>(?P<pod>[^\]/]{1,120})[^\]]{0,120})\] ")
_DEPLOYED = re.compile(r"-(?=[a-z]*\d)[0-9a-f]{6,10}$")
# As tools print it that follow many pods: pod and container, and then a line's own begin.
_STERN = re.compile(
    r"^(?P<pod>(?P<name>[a-z](?:[a-z0-9.-]{0,200}[a-z0-9])?)-[a-z0-9]{1,10}) "
    r"(?:\u203a )?(?P<component>[a-z][a-z0-9-]{0,62}) "
    r"(?=\[?\d{4}-\d\d-|[IWEF]\d{4} \d\d:|\d\d:\d\d:|\{|(?:ts|time|level)=|(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b)"
)
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
    if (
        component is None
        and rest[:1].islower()
        and (found := _STERN.match(rest))
        and _is_container(found["component"], found["name"])
    ):
        component, pod, rest = found["component"], found["pod"], rest[found.end() :]
    if "travis_" in rest or "section_" in rest:
        rest = _CI_MARK.sub("", rest)
    rest, level = _leveled(rest)
    clock = _CLOCK.match(rest) if rest[:1] == "[" or rest[:1].isdigit() else None
    return Prefix(rest, component, pod, level, clock_end=clock.end() if clock else 0)


def _is_container(name: str, pod: str) -> bool:
    """Whether a pod whose name begins so has a container of this name: its own, or one beside it in a deployment."""
    return f"{pod}-".startswith(f"{name}-") or _DEPLOYED.search(pod) is not None


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


class Row(NamedTuple):
    """The cells of a table's row that stand before its message: the rest of the line, the level, who speaks."""

    rest: str
    level: Level
    component: str | None


_CELL = re.compile(r"\"?(?P<cell>[\w./@:-]{0,60})\"?(?P<end>,(?! )|\t)")
_LEVEL_CELL = re.compile(r"(?i)(?:trace|debug|info|notice|warn|warning|err|error|severe|critical|crit|fatal|emerg)$")
_MAX_CELLS = 6


def take_cells(rest: str) -> Row | None:
    """The row behind a time that is its first cell; None without a level among its first cells.

    Who speaks stands in front of the level, in most exports, and else behind it.
    """
    at, names, separator = 0, list[str](), None
    for _ in range(_MAX_CELLS):
        found = _CELL.match(rest, at)
        if found is None or found["end"] != (separator or found["end"]):
            return None
        at, separator = found.end(), found["end"]
        if _LEVEL_CELL.match(found["cell"]):
            break
        names.append(found["cell"])
    else:
        return None
    level = level_of_word(found["cell"])
    component = next(filter(_is_name, reversed(names)), None)
    behind = _CELL.match(rest, at) if component is None else None
    if behind and _is_name(behind["cell"]):
        component, at = behind["cell"], behind.end()
    return Row(rest[at:].strip('"'), level, component) if level else None


def _is_name(cell: str) -> bool:
    return not cell[:1].isdigit() and any(map(str.isalpha, cell))

"""A line taken apart: its time, level, component and place, and the message that is left."""

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.logs.levels import Level, keyed_level, level_of_letter, level_of_word
from services.logs.prefixes import (
    Prefix,
    take_basic_config,
    take_build_stream,
    take_cells,
    take_prefix,
    take_tag,
    take_trailing_logger,
)
from services.logs.structured import NamedFields, named_fields
from services.logs.timestamps import Stamp, find_stamp

_CRI = re.compile(r"^ ?(?:stdout|stderr) [FP] ")
_AFTER_STAMP = "])|,:"
_LEVEL_WORDS = "TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL"
_HEADER_WORD = re.compile(
    rf"""^(?:
      [\w\[\]-]{{1,40}}+@[\w\[\]-]{{1,40}}(?=[ ])       # user@database, [unknown]@[unknown]
    | \[(?P<boxed>(?:[^\[\]]|\[[^\[\]]{{0,80}}\]){{1,200}})\]   # [main], [error], [QuorumPeer[id=1]:X]
    | \((?P<paren>[\w.:/@#-]{{1,60}}+)\)(?=[ ])   # (thread)
    | (?!(?:{_LEVEL_WORDS})\b)(?P<piped>[\w.-]{{1,60}}+)(?=\||[ ]-[ ](?:{_LEVEL_WORDS})\b)   # Component|, name - LEVEL
    | (?P<level>[A-Za-z]{{3,9}}+)(?=[\s:\]|,-])   # WARN
    | (?P<letter>[IWEFDVT])[ ]+(?P<tag>[\w.$/-]{{1,80}}+)\s*(?:\(\s*\d+\))?(?=:)   # Android: E Tag:
    | (?P<number>[\#-]?\d{{1,10}}(?=[\s\]|])|\d{{1,10}}\#\d{{1,10}}(?=:))   # process and thread numbers
    | (?P<logger>[\w$-]++(?:[./][\w$-]++)++)(?::\d{{1,6}})?(?=[\s:\]|]) # org.x.Class, main.go:12
    | (?P<mark>-{{1,3}}|[|:*#.>]|\*(?:32|64))(?=[\s])   # *64: Windows' mark of a program's width
    )[\s:,|\]]*""",
    re.VERBOSE,
)
# Host, rack or unit names in front of the level: whatever is no prose. The looks ahead keep it to one way to match.
_NO_PROSE = r"(?:(?=\S*\d)\S+|\[[^\]]{0,60}\]|[A-Z][A-Z0-9_-]+|-|(?=[\w$-]+[.$][\w$-])[\w.$-]+)\s+"
_LEVEL_AHEAD = re.compile(rf"^(?:{_NO_PROSE}){{1,7}}?(?=(?:{_LEVEL_WORDS})\b)")
_DOTTED = re.compile(r"(?<!\S)[A-Za-z_][\w$-]*(?:\.[\w$-]+)+(?!\S)")
_COLUMNS = re.compile(rf"^(?:(?!(?:{_LEVEL_WORDS})\b){_NO_PROSE}){{0,4}}$")
# An exception's class looks like a logger's name, but is the message; so is an error's code in brackets.
_EXCEPTIONS = ("Exception", "Error", "Failure", "Throwable")
_CODE = re.compile(r"^[A-Z]{2,8}-\d{2,6}$")
# In small letters these are levels only before a colon.
_PROSE = frozenset({"log", "note", "config", "fine", "failure", "alert", "trace", "emergency", "panic"})
_MAY_BE_LEVEL = frozenset({"level", "boxed", "tag"})
_NAMES = frozenset({"logger", "tag", "piped"})
_THREADS = frozenset({"boxed", "paren"})
_MAX_HEADER_WORDS = 9
_MAX_HEADER_CHARS = 80
_NEXT_STAMP_CHARS = 40


class ParsedLine(NamedTuple):
    """What a line says about itself; `message` is the text without the header fields."""

    message: str
    level: Level | None
    component: str | None
    stamp: Stamp | None
    style: str
    host: str | None = None
    pod: str | None = None
    thread: str | None = None


@dataclass(slots=True)
class _Header:
    """What has been read of a header so far, and the rest of the line."""

    rest: str
    is_headed: bool
    level: Level | None = None
    is_column: bool = False
    component: str | None = None
    host: str | None = None
    thread: str | None = None


def parse_line(text: str, *, today: date) -> ParsedLine:
    """Take a displayable line apart. `style` is "json", "logfmt", "header" or "plain"."""
    stamp = find_stamp(text, today=today)
    fields = named_fields(text)
    if fields:
        return _from_fields(fields, text, stamp, today)
    prefix = take_prefix(text)
    rest, is_headed, is_syslog = _without_stamp(prefix.rest, text, stamp)
    header = _Header(rest, is_headed, prefix.level or _klog_level(text, stamp))
    header.is_column = stamp is not None and stamp.is_column
    is_row = stamp is not None and stamp.start <= len(text) - len(prefix.rest) + 1 and _take_cells(header)
    if is_headed and stamp and not is_row:
        _take_tag(header, is_syslog=is_syslog, has_priority=text[0] == "<")
    has_word = _take_words(header, clock_end=0 if is_headed else prefix.clock_end)
    return _parsed(header, prefix, stamp, text, has_word=has_word)


def _parsed(header: _Header, prefix: Prefix, stamp: Stamp | None, text: str, *, has_word: bool) -> ParsedLine:
    message, logger = take_trailing_logger(header.rest) if header.is_headed else (header.rest, None)
    return ParsedLine(
        message,
        header.level or keyed_level(text[:400]),
        prefix.component or header.component or logger,
        stamp,
        "header" if header.is_headed or has_word else "plain",
        host=header.host,
        pod=prefix.pod,
        thread=header.thread,
    )


def _from_fields(fields: NamedFields, text: str, stamp: Stamp | None, today: date) -> ParsedLine:
    """A container's log wraps the program's line into a field: that line has a header of its own."""
    wrapped = parse_line(fields.message, today=today) if fields.wraps_line else None
    prefix = take_prefix(text) if text[0] != "{" else None
    return ParsedLine(
        message=wrapped.message if wrapped else fields.message,
        level=wrapped.level if wrapped and fields.level is None else fields.level,
        component=fields.component or (wrapped and wrapped.component) or (prefix and prefix.component),
        stamp=stamp,
        style=fields.style,
        host=fields.host,
        pod=fields.pod or (prefix and prefix.pod),
        thread=fields.thread,
    )


def _without_stamp(rest: str, text: str, stamp: Stamp | None) -> tuple[str, bool, bool]:
    """The rest behind the timestamps that open the line (after brackets, a host or columns), whether any did, and
    whether the last is syslog's.
    """
    place = _place_in(rest, text, stamp)
    if stamp is None or place is None:
        return rest, False, False
    before, after = rest[: place[0]], rest[place[1] :]
    if before == '"':  # a cell of a table
        before, after = "", after.removeprefix('"')
    if len(before) > _MAX_HEADER_CHARS or '"' in before:
        return rest, False, False
    is_syslog = text[stamp.start : stamp.start + 3].isalpha()
    kept = "" if stamp.is_column else before.strip(" [(<-|")
    after = after.lstrip(_AFTER_STAMP).lstrip()
    after = take_build_stream(after[found.end() :] if (found := _CRI.match(after)) else after)
    again = find_stamp(after[: 2 * _NEXT_STAMP_CHARS], today=stamp.moment.date())
    if again and again.start <= _NEXT_STAMP_CHARS and _COLUMNS.match(after[: again.start]):
        is_syslog = after[again.start : again.start + 3].isalpha()
        kept, after = "", after[again.end :].lstrip(_AFTER_STAMP).lstrip()
    return (f"{kept} {after}" if kept else after), True, is_syslog


def _place_in(rest: str, text: str, stamp: Stamp | None) -> tuple[int, int] | None:
    """Where the stamp of a line stands in its rest, which may lack more than the front."""
    if stamp is None:
        return None
    offset = len(text) - len(rest)
    if stamp.start >= offset and text.endswith(rest):
        return stamp.start - offset, stamp.end - offset
    found = find_stamp(rest, today=stamp.moment.date())
    return (found.start, found.end) if found else None


def _take_tag(header: _Header, *, is_syslog: bool, has_priority: bool) -> None:
    if tag := take_tag(header.rest, is_syslog=is_syslog, has_priority=has_priority):
        header.rest, header.host, header.component = tag.rest, tag.host, tag.component


def _take_cells(header: _Header) -> bool:
    """Take off the cells of a table's row behind the time, where a level is among them; whether it was."""
    row = take_cells(header.rest)
    if row is None:
        return False
    header.rest, header.level, header.component = row.rest, header.level or row.level, row.component
    return True


def _klog_level(text: str, stamp: Stamp | None) -> Level | None:
    return level_of_letter(text[stamp.start]) if stamp else None


def _take_words(header: _Header, *, clock_end: int) -> bool:
    """Peel level, thread, logger and process words off, a time of day with a level behind it too; whether a level was
    among them.
    """
    if header.is_headed and (ahead := _LEVEL_AHEAD.match(header.rest)):
        dotted = None if header.component else _DOTTED.search(ahead[0])
        header.component = dotted[0] if dotted else header.component
        header.rest = header.rest[ahead.end() :]
    if not header.is_headed and header.rest[:1] in "DIWEC":
        header.rest, level, logger = take_basic_config(header.rest)
        if level:
            header.level, header.component = header.level or level, logger
            return True
    peeled = _Header(header.rest[clock_end:], header.is_headed or clock_end > 0, component=header.component)
    has_name = _peel(peeled)
    if peeled.level is None and not has_name and not header.is_column:
        return False  # a number in front of prose is the message's
    if clock_end and peeled.level is None:
        return False
    header.rest, header.thread, header.component = peeled.rest, peeled.thread, peeled.component
    header.level = header.level or peeled.level
    return peeled.level is not None


def _peel(header: _Header) -> bool:
    """Take the words off, as far as they are header and not message; whether there were others than numbers."""
    has_name = False
    for _ in range(_MAX_HEADER_WORDS):
        found = _HEADER_WORD.match(header.rest)
        if found is None:
            break
        kind = found.lastgroup
        level = _level_of(found, kind) if kind in _MAY_BE_LEVEL else None
        if _is_message(found, kind, level, header) or found.end() == len(header.rest):
            break
        header.level = header.level or level
        if kind == "tag" and (not header.is_headed or found["tag"].endswith(_EXCEPTIONS)):
            header.rest = header.rest[found.start("tag") :]  # pytest: `E   NameError: name`
            return True
        if kind in _NAMES:
            header.component = _name_of(found[kind]) or header.component
        elif kind in _THREADS and level is None:
            header.thread = header.thread or _thread_of(found[kind])
        header.rest = header.rest[found.end() :]
        has_name = has_name or kind != "number"
        if kind == "mark" and found[kind] == "-" and header.level is not None:
            break
    return has_name


def _level_of(found: re.Match[str], kind: str | None) -> Level | None:
    """Of a word, of a word in brackets (Apache: `[core:error]`), or of Android's letter."""
    if kind == "tag":
        return level_of_letter(found["letter"])
    return level_of_word((found["level"] or found["boxed"].rpartition(":")[2]).strip())


def _is_message(found: re.Match[str], kind: str | None, level: Level | None, header: _Header) -> bool:
    if kind == "level" and (level is None or (found["level"] in _PROSE and ":" not in found[0])):
        return True
    if not header.is_headed and not (level and _stands_as_level(found)):
        return True
    if level and header.level is not None:
        return True
    if kind == "logger":
        return header.component is not None or found["logger"].endswith(_EXCEPTIONS)
    return kind == "boxed" and _CODE.match(found["boxed"]) is not None


def _stands_as_level(found: re.Match[str]) -> bool:
    """Without a time before it a word is a level in capitals, in brackets or before a colon; else it is prose."""
    word = found["level"] or ""
    return word.isupper() or not word or found[0].rstrip().endswith(":")


def _name_of(name: str) -> str | None:
    """The component a word names; an address in a logger's place is a client and names none."""
    return name if any(map(str.isalpha, name)) else None


def _thread_of(name: str) -> str | None:
    return name if any(map(str.isalpha, name)) and not name.startswith("client ") else None

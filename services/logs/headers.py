"""A line taken apart: its time, level and component, and the message that is left."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.logs.levels import (
    Level,
    keyed_level,
    level_of_letter,
    level_of_priority,
    level_of_word,
)
from services.logs.timestamps import Stamp, find_stamp

_MESSAGE_KEYS = ("message", "msg", "log", "event", "text", "MESSAGE", "short_message", "body")
_LEVEL_KEYS = ("level", "severity", "lvl", "levelname", "log.level", "loglevel", "PRIORITY")
_COMPONENT_KEYS = (
    "service",
    "component",
    "logger",
    "service.name",
    "app",
    "name",
    "source",
    "container",
    "_SYSTEMD_UNIT",
)
_ERROR_KEYS = ("error", "err", "exception", "exc_info", "stack_trace", "stack", "reason", "cause", "error_message")
_LOGFMT_PAIR = re.compile(r'\b([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)')
_COMPOSE = re.compile(r"^(?P<component>[\w.-]{1,60})\s+\| ")
_KUBECTL = re.compile(r"^\[(?:pod|service)/(?P<component>[^\]]{1,200})\] ")
_CRI = re.compile(r"^ ?(?:stdout|stderr) [FP] ")
_ACTIONS = re.compile(r"^[^\t]{1,120}\t[^\t]{1,120}\t\ufeff?(?=\d{4}-)")
_CI_MARK = re.compile(r"travis_(?:fold|time):(?:start|end):\S*|section_(?:start|end):\d+:\S*")
_PRIORITY = re.compile(r"^<(\d{1,3})>(?:1 )?")
_SYSLOG_TAG = re.compile(r"^(?P<host>[\w.:-]{1,80}) (?P<component>[\w./@-]{1,60})(?:\[\d+\])?: ")
_HEADER_WORD = re.compile(
    r"""^(?:
      \[(?P<boxed>[^\[\]]{1,80})\]            # [main], [error], [pid 12]
    | \((?P<paren>[\w.:/@#-]{1,60})\)(?=[ ])   # (thread)
    | (?P<level>[A-Za-z]{3,9})(?=[\s:\]|,-])   # WARN
    | (?P<letter>[IWEFDVT])(?=[ ]+[\w.$/-]+\s*(?:\(\s*\d+\))?:)   # Android: E Tag:
    | (?P<number>\d{1,10})(?=[\s\]|])          # process and thread numbers
    | (?P<logger>[\w$-]+(?:[./][\w$-]+)+)(?=[\s:\]|]) # org.x.Class
    | (?P<piped>[\w.-]{1,60})(?=\|)              # Component|
    | [\w-]{1,40}@[\w-]{1,40}(?=[ ])             # user@database
    | (?P<mark>-{1,3}|[|:*>])(?=[\s])
    )[\s:,|\]]*""",
    re.VERBOSE,
)
# Host, rack or unit names in front of the level: whatever is no prose.
_LEVEL_AHEAD = re.compile(
    r"^(?:(?:\S*\d\S*|\[[^\]]{0,60}\]|[A-Z][A-Z0-9_-]+|-|[\w$-]+(?:[.$][\w$-]+)+)\s+){1,7}?"
    r"(?=(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)\b)"
)
# An exception's class looks like a logger's name, but is the message.
_EXCEPTIONS = ("Exception", "Error", "Failure", "Throwable")
_MAX_HEADER_WORDS = 9
_MAX_JSON_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """What a line says about itself; `message` is the text without the header fields."""

    message: str
    level: Level | None
    component: str | None
    stamp: Stamp | None
    style: str


def parse_line(text: str, *, today: date) -> ParsedLine:
    """Take a displayable line apart. `style` is "json", "logfmt", "header" or "plain"."""
    stamp = find_stamp(text, today=today)
    brace = text.find("{", 0, 200)
    if brace >= 0 and text.rstrip().endswith("}"):
        parsed = _parse_json(text[brace:], stamp)
        if parsed:
            return parsed
    pairs = _LOGFMT_PAIR.findall(text[:2000]) if text.count("=") > 2 else []
    keys = {key for key, _ in pairs}
    if keys & {"level", "lvl", "severity"} and keys & {"msg", "message", "event", "err", "error"}:
        return _from_fields({key: value.strip('"') for key, value in pairs}, stamp, "logfmt")
    return _parse_header(text, stamp)


def _parse_json(text: str, stamp: Stamp | None) -> ParsedLine | None:
    if len(text) > _MAX_JSON_CHARS:
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _from_fields(fields, stamp, "json") if isinstance(fields, dict) and fields else None


def _from_fields(fields: Mapping[str, object], stamp: Stamp | None, style: str) -> ParsedLine:
    message = _first(fields, _MESSAGE_KEYS)
    details = _first(fields, _ERROR_KEYS)
    text = " ".join(str(part) for part in (message, details) if part and not isinstance(part, dict | list))
    status = fields.get("status", fields.get("status_code"))
    if isinstance(status, int) and status >= 400:
        text = f"{text} status={status}"
    level_word = _first(fields, _LEVEL_KEYS)
    component = _first(fields, _COMPONENT_KEYS)
    return ParsedLine(
        message=text or json.dumps(fields, ensure_ascii=False),
        level=level_of_word(str(level_word)) if level_word is not None else None,
        component=component if isinstance(component, str) and component else None,
        stamp=stamp,
        style=style,
    )


def _first(fields: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((fields[key] for key in keys if fields.get(key) not in (None, "")), None)


def _parse_header(text: str, stamp: Stamp | None) -> ParsedLine:
    rest, level, component = text, None, None
    for prefix in (_ACTIONS, _COMPOSE, _KUBECTL):
        if found := prefix.match(rest):
            component = found.groupdict().get("component")
            rest = rest[found.end() :]
    if "travis_" in rest or "section_" in rest:
        rest = _CI_MARK.sub("", rest)
    if found := _PRIORITY.match(rest):
        level, rest = level_of_priority(int(found[1])), rest[found.end() :]
    rest, is_headed = _without_stamp(rest, stamp)
    if is_headed and stamp and text[stamp.start : stamp.start + 3].isalpha() and (found := _SYSLOG_TAG.match(rest)):
        component, rest = found["component"], rest[found.end() :]
    level = level or _klog_level(text, stamp)
    if is_headed and (ahead := _LEVEL_AHEAD.match(rest)):
        rest = rest[ahead.end() :]
    rest, word_level, logger = _header_words(rest, is_headed=is_headed)
    level = level or word_level or keyed_level(text[:400])
    style = "header" if is_headed or word_level else "plain"
    return ParsedLine(rest, level, component or logger, stamp, style)


def _without_stamp(rest: str, stamp: Stamp | None) -> tuple[str, bool]:
    """The rest behind a timestamp that opens the line (after brackets, a host or a dash), and whether there "
    "was one.
    """
    if stamp is None:
        return rest, False
    shown = find_stamp_text(rest, stamp)
    if shown is None:
        return rest, False
    before, after = rest[: shown[0]], rest[shown[1] :]
    if len(before) > 80 or '"' in before:
        return rest, False
    kept = before.strip(" [(<-|")
    after = re.sub(r"^[\])|,:]*\s*", "", after)
    after = after[found.end() :] if (found := _CRI.match(after)) else after
    return (f"{kept} {after}" if kept else after), True


def find_stamp_text(rest: str, stamp: Stamp) -> tuple[int, int] | None:
    """Where the stamp stands in the rest of a line whose prefix of unknown length was cut off."""
    found = find_stamp(rest, today=stamp.moment.date())
    return (found.start, found.end) if found else None


def _klog_level(text: str, stamp: Stamp | None) -> Level | None:
    return level_of_letter(text[0]) if stamp and stamp.start == 0 and text[:1] in "IWEF" and text[:1] else None


def _stands_as_level(found: re.Match[str]) -> bool:
    """Without a time before it a word is a level in capitals, in brackets or before a colon; else it is prose."""
    word = found["level"] or ""
    return word.isupper() or not word or found[0].rstrip().endswith(":")


def _header_words(rest: str, *, is_headed: bool) -> tuple[str, Level | None, str | None]:
    """Peel level, thread, logger and process words off the front, as far as they are header and not message."""
    level, component = None, None
    for _ in range(_MAX_HEADER_WORDS):
        found = _HEADER_WORD.match(rest)
        if found is None:
            break
        word_level = level_of_word((found["level"] or found["boxed"] or "").strip()) or level_of_letter(
            found["letter"] or ""
        )
        if found["level"] and word_level is None:
            break
        if not is_headed and not (word_level and _stands_as_level(found)):
            break
        if word_level and level is not None:
            break
        if found["logger"] and (component or found["logger"].endswith(_EXCEPTIONS)):
            break
        level = level or word_level
        component = found["logger"] or found["piped"] or component
        if not rest[found.end() :].strip():
            break
        rest = rest[found.end() :]
    return rest, level, component

"""Lines that name their fields: JSON (also journald's, docker's, bunyan's) and logfmt."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from services.logs.levels import Level, level_of_priority, level_of_word

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
    "SYSLOG_IDENTIFIER",
    "_SYSTEMD_UNIT",
)
_HOST_KEYS = ("host", "hostname", "host.name", "_HOSTNAME", "node")
_POD_KEYS = ("pod", "pod_name", "kubernetes.pod_name", "k8s.pod.name")
_THREAD_KEYS = ("thread", "thread_name", "threadName", "process.thread.name")
_ERROR_KEYS = ("error", "err", "exception", "exc_info", "stack_trace", "stack", "reason", "cause", "error_message")
_LOGFMT_PAIR = re.compile(r'\b([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)')
_LOGFMT_LEVELS = frozenset({"level", "lvl", "severity"})
_LOGFMT_MESSAGES = frozenset({"msg", "message", "event", "err", "error"})
_MAX_JSON_CHARS = 20_000
_MAX_LOGFMT_CHARS = 2_000
_FIRST_ERROR_STATUS = 400


class NamedFields(NamedTuple):
    """What the fields of one line say. style: "json" or "logfmt". wraps_line: the message is a whole log line."""

    style: str
    message: str
    level: Level | None
    component: str | None
    host: str | None
    pod: str | None
    thread: str | None
    wraps_line: bool


def named_fields(text: str) -> NamedFields | None:
    """The fields of a line that names them, behind any prefix; None for all other lines."""
    brace = text.find("{", 0, 200)
    if brace >= 0 and text.rstrip().endswith("}"):
        found = _json(text[brace:], is_whole=brace == 0)
        if found:
            return found
    return _logfmt(text[:_MAX_LOGFMT_CHARS]) if text.count("=") > 2 else None


def _json(text: str, *, is_whole: bool) -> NamedFields | None:
    """An object that makes up the line; behind a prefix only one with a message, for the line may have its own."""
    if len(text) > _MAX_JSON_CHARS:
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not fields or not (is_whole or _first(fields, _MESSAGE_KEYS)):
        return None
    return _fields(fields, "json")


def _logfmt(text: str) -> NamedFields | None:
    pairs = {key: value.strip('"') for key, value in _LOGFMT_PAIR.findall(text)}
    if pairs.keys() & _LOGFMT_LEVELS and pairs.keys() & _LOGFMT_MESSAGES:
        return _fields(pairs, "logfmt")
    return None


def _fields(fields: Mapping[str, object], style: str) -> NamedFields:
    message = _first(fields, _MESSAGE_KEYS)
    details = _first(fields, _ERROR_KEYS)
    text = " ".join(str(part) for part in (message, details) if part and not isinstance(part, dict | list))
    status = fields.get("status", fields.get("status_code"))
    if isinstance(status, int) and status >= _FIRST_ERROR_STATUS:
        text = f"{text} status={status}"
    return NamedFields(
        style=style,
        message=text.rstrip() or json.dumps(fields, ensure_ascii=False),
        level=_level(fields),
        component=_name(fields, _COMPONENT_KEYS),
        host=_name(fields, _HOST_KEYS),
        pod=_name(fields, _POD_KEYS),
        thread=_name(fields, _THREAD_KEYS),
        wraps_line="stream" in fields and message is not None and message is fields.get("log"),
    )


def _level(fields: Mapping[str, object]) -> Level | None:
    word = _first(fields, _LEVEL_KEYS)
    if word is None:
        return None
    priority = str(word)
    is_priority = "PRIORITY" in fields and len(priority) == 1 and priority.isdecimal()
    return level_of_priority(int(priority)) if is_priority else level_of_word(priority)


def _first(fields: Mapping[str, object], keys: tuple[str, ...]) -> object:
    for key in keys:
        if key in fields and fields[key] not in (None, ""):
            return fields[key]
    return None


def _name(fields: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    value = _first(fields, keys)
    if value is None and keys is _POD_KEYS and isinstance(kubernetes := fields.get("kubernetes"), dict):
        value = kubernetes.get("pod_name")
    return value if isinstance(value, str) and value else None

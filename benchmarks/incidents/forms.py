"""Forms of log that services write: an event in, lines out. What a form leaves out (levels, years) is left out."""

import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from benchmarks.incidents.case import Event

Form = Callable[[Event], list[str]]

_LEVELS = {"D": "DEBUG", "I": "INFO", "W": "WARN", "E": "ERROR", "F": "FATAL"}
_KEYS = [("timestamp", "level", "message"), ("@timestamp", "severity", "msg"), ("time", "lvl", "event")]


def _when(event: Event) -> datetime:
    return datetime.fromtimestamp(event.at, UTC)


def _level(event: Event) -> str:
    return _LEVELS[event.level]


def _json(draw: random.Random, service: str) -> Form:
    time_key, level_key, message_key = draw.choice(_KEYS)
    replica, has_service = f"{draw.getrandbits(36):09x}", draw.random() < 0.7

    def form(event: Event) -> list[str]:
        when = _when(event).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry: dict[str, object] = {time_key: when, level_key: _level(event).lower()}
        if has_service or event.service:
            entry["service"] = event.service or service
        entry |= {
            "logger": event.program if event.program != "~" else "main",
            "pod": f"{event.service or service}-{replica}",
        } | dict(event.fields)
        entry[message_key] = event.message
        if event.rest:
            entry["stack"] = "\n".join(event.rest)
        return [json.dumps(entry)]

    return form


def _logfmt(draw: random.Random, service: str) -> Form:
    replica = draw.randrange(9)

    def form(event: Event) -> list[str]:
        host = f"{event.service or service}-{replica}"
        when = _when(event).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        caller = f" caller={event.program.split('.')[-1].lower()}" if event.program != "~" else ""
        owner = f" service={event.service}" if event.service else ""
        told = "".join(f" {key}={value}" for key, value in event.fields.items())
        message = json.dumps(event.message)
        return [
            f"time={when} level={_level(event).lower()}{owner} host={host}{caller} msg={message}{told}",
            *event.rest,
        ]

    return form


def _log4j(draw: random.Random, service: str) -> Form:
    package = f"com.acme.{service.replace('-', '')}"

    def form(event: Event) -> list[str]:
        when = _when(event).strftime("%Y-%m-%d %H:%M:%S,") + f"{int(event.at * 1000) % 1000:03d}"
        thread, logger = f"exec-{draw.randrange(1, 24)}", event.program if event.program != "~" else "Main"
        told = "".join(f" {key}={value}" for key, value in event.fields.items())
        return [f"{when} {_level(event):5s} [{thread}] {package}.{logger} - {event.message}{told}", *event.rest]

    return form


def _syslog(draw: random.Random, service: str) -> Form:
    host, pid = f"{draw.choice('abcdef')}{draw.randrange(10, 99)}", draw.randrange(300, 9000)

    def form(event: Event) -> list[str]:
        own = event.program == "~" or "." in event.program or event.program[:1].isupper()
        tag = "kernel" if event.program == "kernel" else f"{service if own else event.program}[{pid}]"
        told = "".join(f" {key}={value}" for key, value in event.fields.items())
        head = f"{_when(event):%b} {_when(event).day:2d} {_when(event):%H:%M:%S} {host} {tag}:"
        return [f"{head} {event.message}{told}", *(f"{head} {line}" for line in event.rest)]

    return form


def _klog(draw: random.Random, service: str) -> Form:
    line_of: dict[str, int] = {}

    def form(event: Event) -> list[str]:
        source = event.program if ".go:" in event.program else ""
        if not source:
            name = service if event.program == "~" else event.program.split(".")[-1].lower()
            source = f"{name}.go:{line_of.setdefault(event.program, draw.randrange(40, 900))}"
        letter = "I" if event.level == "D" else event.level
        told = "".join(f" {key}={value}" for key, value in event.fields.items())
        head = f"{letter}{_when(event):%m%d %H:%M:%S}.{int(event.at * 1_000_000) % 1_000_000:06d}       1 {source}]"
        return [f"{head} {event.message}{told}", *event.rest]

    return form


def _python(draw: random.Random, service: str) -> Form:
    style = draw.randrange(3)
    line_of: dict[str, int] = {}

    def form(event: Event) -> list[str]:
        name = service.replace("-", "_") if event.program == "~" else event.program.lower()
        level = {"WARN": "WARNING", "FATAL": "CRITICAL"}.get(_level(event), _level(event))
        when = f"{_when(event):%Y-%m-%d %H:%M:%S},{int(event.at * 1000) % 1000:03d}"
        told = "".join(f" {key}={value}" for key, value in event.fields.items())
        head = (
            f"{when} - {name} - {level} - ",
            f"{when} {level:8s} [{name}:{line_of.setdefault(name, draw.randrange(20, 400))}] ",
            f"[{when}] {level} in {name}: ",
        )[style]
        return [f"{head}{event.message}{told}", *event.rest]

    return form


def _nginx(draw: random.Random, service: str) -> Form:
    """A container that logs its proxy's requests between the application's lines."""
    paths = [f"/{service}/{word}" for word in ("list", "item", "search", "login", "static/app.js")]

    def form(event: Event) -> list[str]:
        lines = []
        if draw.random() < 0.6:
            ip = f"10.{draw.randrange(4)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"
            status = draw.choices((200, 204, 301, 404, 499), (90, 4, 2, 3, 1))[0]
            request = f'"GET {draw.choice(paths)}/{draw.randrange(9999)} HTTP/1.1" {status} {draw.randrange(40_000)}'
            lines.append(f'{ip} - - [{_when(event):%d/%b/%Y:%H:%M:%S} +0000] {request} "-" "okhttp/4.9"')
        told = "".join(f" {key}={value}" for key, value in event.fields.items())
        stamp = f"[{_when(event):%Y-%m-%d %H:%M:%S}]"
        return [*lines, f"{stamp} app.{_level(event)}: {event.message}{told}", *event.rest]

    return form


FORMS: dict[str, Callable[[random.Random, str], Form]] = {
    "json": _json,
    "logfmt": _logfmt,
    "log4j": _log4j,
    "syslog": _syslog,
    "klog": _klog,
    "python": _python,
    "nginx": _nginx,
}


def written(events: Iterable[Event], form: Form) -> tuple[list[str], list[int]]:
    """(lines, numbers of the lines that tell a cause, from one) of events in order of time."""
    lines: list[str] = []
    causes: list[int] = []
    for event in events:
        new = [event.message, *event.rest] if event.level == "-" else form(event)
        if event.is_cause:
            first = next(
                i for i, line in enumerate(new) if event.message in line or json.dumps(event.message)[1:-1] in line
            )
            causes += range(len(lines) + first + 1, len(lines) + len(new) + 1)
        lines += new
    return lines, causes

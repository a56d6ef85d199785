"""The log of a process: one line a record, with what it belongs to, no secrets, and nothing a reader would obey.

The code writes with the standard library's `logging`; facts that hold for a while (`event_id`, `run_id`, …) are bound
with structlog's context variables, and facts of one line go into `extra`. What libraries log takes the same way.
"""

import logging
import re
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import unquote

import structlog
from opentelemetry import trace
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import Settings
from services.logs.display import cut
from services.logs.redaction import redact

# What these say at INFO is about themselves: each request, each migration, each connection.
QUIET = ("aiohttp", "alembic", "asyncio", "dbos", "httpx", "opentelemetry", "slack_sdk", "urllib3", "uvicorn")
MAX_VALUE_CHARS = 20_000  # an error may quote what was uploaded
SHORTEST_SECRET_CHARS = 6  # a shorter one would be found in ordinary words
REDACTED = "[redacted:setting]"
_OURS = frozenset({"timestamp", "level", "logger"})  # never of text from elsewhere
# Addresses that let whoever has them in: an answer to a command, a socket, an upload.
_CAPABILITY = re.compile(r"(hooks\.slack\.com/(?:commands|actions|app)/|[?&]ticket=|/upload/v1/)[^\s\"'&]+")
_AUTHORIZATION = re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?)(?!\[redacted)[^\s\"',}]{4,}")


def configure_logging(settings: Settings) -> None:
    """Have everything that is logged in this process go to standard error, as the settings say."""
    handler = make_handler(sys.stderr, as_json=_is_json(settings.log_format, sys.stderr), secrets=secrets_of(settings))
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    logging.captureWarnings(capture=True)
    logging.getLogger("dbos").addHandler(logging.NullHandler())  # it brings a handler of its own where it finds none
    for quiet in QUIET:
        logging.getLogger(quiet).setLevel(max(logging.WARNING, logging.getLevelName(settings.log_level)))
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def make_handler(stream: TextIO, *, as_json: bool, secrets: Collection[str] = ()) -> logging.Handler:
    """Writes records to `stream`: as JSON objects, or for people, with colours where it is a terminal."""
    render: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=True)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        )
    )
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                _name_trace,
                structlog.stdlib.ExtraAdder(),
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _cleaner(secrets), render],
        )
    )
    return handler


def secrets_of(settings: Settings) -> set[str]:
    """The settings that must not be seen, and the database's password."""
    secrets = {
        settings.slack_bot_token, settings.slack_signing_secret, settings.slack_app_token, settings.api_token,
        *_passwords(settings.database_url), *_passwords(settings.artifacts_url),
    }  # fmt: skip
    return {secret for secret in secrets if len(secret) >= SHORTEST_SECRET_CHARS}


def _passwords(url: str) -> set[str]:
    try:
        password = make_url(url).password
    except ArgumentError:
        return set()
    return {password, unquote(password)} if password else set()


def _is_json(wanted: str, stream: TextIO) -> bool:
    return wanted == "json" or (wanted == "auto" and not stream.isatty())


class _Handler(logging.StreamHandler[TextIO]):
    """A record that cannot be rendered is named; the standard way would print it as it is, secrets and all."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the base class names it so
        error = sys.exc_info()[1]
        if isinstance(error, OSError):  # the stream itself is gone
            return
        safe = (
            f"a record of {record.name} at {record.filename}:{record.lineno} cannot be logged: {type(error).__name__}"
        )
        self.handle(logging.LogRecord(__name__, logging.ERROR, __file__, 0, safe, None, None))


def _name_trace(_logger: WrappedLogger, _name: str, record: EventDict) -> Mapping[str, Any]:
    """The trace that the record belongs to, where there is one."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        record["trace_id"] = trace.format_trace_id(context.trace_id)
    return record


def _cleaner(secrets: Collection[str]) -> Processor:
    """Makes every value of a record one line without secrets and without characters that do anything but show."""
    exact = _replacer(secrets)

    def without_secrets(text: str) -> str:
        return _without_capabilities(redact(exact(text)))

    def clean(_logger: WrappedLogger, _name: str, record: EventDict) -> Mapping[str, Any]:
        for name, value in record.items():
            if name == "exception":  # what was raised stands at its end
                lines = without_secrets(str(value)[-MAX_VALUE_CHARS:]).splitlines()
                record[name] = "\n".join(f"  {_visible(line)}" for line in lines)
            elif name not in _OURS and not isinstance(value, (int, float, bool, type(None))):
                record[name] = _visible(without_secrets(cut(str(value), MAX_VALUE_CHARS)))
        return record

    return clean


def _replacer(secrets: Collection[str]) -> Callable[[str], str]:
    if not secrets:
        return str
    pattern = re.compile("|".join(re.escape(secret) for secret in sorted(secrets, key=len, reverse=True)))
    return lambda text: pattern.sub(REDACTED, text)


def _without_capabilities(text: str) -> str:
    if "slack.com" in text or "ticket=" in text or "/upload/" in text:
        text = _CAPABILITY.sub(r"\1[redacted:address]", text)
    return _AUTHORIZATION.sub(r"\1[redacted:authorization]", text) if "uthorization" in text else text


def _visible(text: str) -> str:
    """Line breaks, colours, bidirectional and zero-width characters as escapes."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode() for char in text
    )


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("an error ended the process", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        thread = ended.thread.name if ended.thread else "unknown"
        failure = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        logging.getLogger(__name__).error("an error ended the thread %s", thread, exc_info=failure)

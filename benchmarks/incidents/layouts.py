"""How the logs of several services come to a reader: a file each, one file for all, a console, a table."""

import csv
import io
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.incidents.case import Event
from benchmarks.incidents.forms import FORMS, written

Files = dict[str, list[str]]
Events = Mapping[str, Sequence[Event]]
# (files by name, an expression that finds the lines of the faulty service where all share a file)
Layout = tuple[Files, str]

_MAX_SKEW_SECONDS = 20.0
_SKEWED_SHARE = 0.4
_PREFIXES = ("{first:16s}| ", "{service}-{replica} {service} ", "[pod/{service}-{replica}/{service}] ")


def _as_files(draw: random.Random, events: Events, _faulty: str) -> Layout:
    """A file a service, each in a form of its own; of some, the clocks differ by seconds."""
    is_skewed, files = draw.random() < _SKEWED_SHARE, {}
    for name in draw.sample(sorted(events), len(events)):
        skew = draw.uniform(-1, 1) * _MAX_SKEW_SECONDS if is_skewed else 0.0
        own = [replace(event, at=event.at + skew, service="") for event in _in_order(events[name])]
        form = FORMS[draw.choice(("json", "logfmt", "log4j", "syslog", "klog", "python"))](draw, name)
        files[f"{name}.log"] = written(own, form)[0]
    return files, ""


def _as_merged(draw: random.Random, events: Events, faulty: str) -> Layout:
    """One file in which every line names its service."""
    form = FORMS[draw.choice(("json", "logfmt"))](draw, "cluster")
    name = re.escape(faulty)
    return {"all-services.log": written(_together(events), form)[0]}, rf'"service": "{name}"| service={name} '


def _as_console(draw: random.Random, events: Events, faulty: str) -> Layout:
    """What a tool prints that follows many containers: each line behind the name of its container."""
    forms = {name: FORMS[draw.choice(("log4j", "python", "klog"))](draw, name) for name in sorted(events)}
    prefix, replica = draw.choice(_PREFIXES), f"{draw.getrandbits(36):09x}-{draw.getrandbits(20):05x}"
    heads = {name: prefix.format(first=f"{name}-1", service=name, replica=replica) for name in forms}
    lines = [heads[event.service] + line for event in _together(events) for line in forms[event.service](event)]
    return {"console.log": lines}, "^" + re.escape(heads.get(faulty, faulty))


def _as_table(draw: random.Random, events: Events, faulty: str) -> Layout:
    """What a log store exports: a table with a heading."""
    headings = draw.choice(
        (("timestamp", "container_name", "level", "message"), ("time", "service", "severity", "msg"))
    )
    lines = [",".join(headings)]
    for event in _together(events):
        when = datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines.append(_row(when, event.service, {"W": "WARN", "E": "ERROR"}.get(event.level, "INFO"), event.message))
    return {"export.csv": lines}, rf"^[^,]*,{re.escape(faulty)},"


def _row(*cells: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _together(events: Events) -> list[Event]:
    return _in_order([event for own in events.values() for event in own])


def _in_order(events: Sequence[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.at)


LAYOUTS: dict[str, Callable[[random.Random, Events, str], Layout]] = {
    "files": _as_files,
    "merged": _as_merged,
    "console": _as_console,
    "table": _as_table,
}

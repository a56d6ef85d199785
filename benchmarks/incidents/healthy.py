"""Days when nothing is wrong: ordinary noise, a deploy that went well, a nightly job, a peak of traffic handled."""

import random
from collections.abc import Callable, Iterator

from benchmarks.incidents.case import Case, Event, Label
from benchmarks.incidents.drawing import Values
from benchmarks.incidents.forms import FORMS, written
from benchmarks.incidents.ordinary_days import draw_span, moments, ordinary_events, rare_events
from benchmarks.incidents.phrases import services
from benchmarks.incidents.service_incidents import quiet_case

_LINES = 20_000
# (seconds after the start, level, message)
_Told = list[tuple[float, str, str]]
_DEPLOYS: dict[str, _Told] = {
    "tune": [
        (0, "I", "received SIGTERM, finishing {small} requests in flight"),
        (2, "W", "readiness set to false, draining for 5 s"),
        (7, "I", "shutdown complete, exit code 0"),
        (9, "I", "starting version {ver}, commit {hex}"),
        (10, "I", "applied 1 migration in {ms} ms"),
        (11, "W", "setting cacheSize is not set, using the default 512"),
        (12, "I", "ready after {n} ms, serving on :8080"),
    ],
    "hold": [
        (0, "I", "rollout {hex}: replacing replica {small} of 3"),
        (1, "I", "no longer accepting connections; {small} left"),
        (6, "I", "bye"),
        (8, "I", "booting release {ver}"),
        (9, "W", "profile 'prod' overrides 3 settings"),
        (12, "I", "warm: caches filled with {n} entries, 0 errors"),
        (13, "I", "rollout {hex}: replica {small} passed its checks"),
    ],
}
_JOBS: dict[str, _Told] = {
    "tune": [
        (0, "I", "nightly export started, {n} rows to go"),
        (60, "I", "nightly export: 25 % ({n} rows/s)"),
        (120, "W", "nightly export: skipped {small} rows already exported"),
        (180, "I", "nightly export: 75 %"),
        (240, "I", "nightly export finished: {n} rows, 0 failed"),
    ],
    "hold": [
        (0, "I", "housekeeping begins (retention 30 d)"),
        (90, "I", "deleted {n} rows of expired sessions, errors=0"),
        (200, "W", "vacuum of audit took {n} ms"),
        (260, "I", "housekeeping done; backup verified, checksum ok, failures: none"),
    ],
}
_PEAKS: dict[str, _Told] = {
    "tune": [
        (20, "W", "queue depth {n}, asking for 2 more workers"),
        (50, "I", "scaled from 4 to 6 workers"),
        (300, "I", "queue depth back to {small}"),
    ],
    "hold": [
        (15, "I", "load is {small} times the hourly mean"),
        (30, "W", "shedding disabled: latency within the objective"),
        (60, "I", "autoscaler: replicas 3 -> 8"),
        (600, "I", "autoscaler: replicas 8 -> 3"),
    ],
}


def healthy_case(pool: str, index: int, *, lines: int = _LINES) -> Case:
    """The `index`-th healthy case of the pool: every sort of day in turn, all else drawn."""
    sort = list(_SORTS)[index % (len(_SORTS) + 1)] if index % (len(_SORTS) + 1) < len(_SORTS) else "services"
    if sort == "services":
        return quiet_case(pool, index)
    draw = random.Random(f"healthy {pool} {index}")
    service, form_name = draw.choice(services(pool)), draw.choice(list(FORMS))
    span = draw_span(draw)
    times = moments(draw, span, lines)
    if sort == "peak":
        first = draw.uniform(*span)
        times = sorted(times + [first + draw.random() * 400 for _ in range(lines // 4)])
    rare = [*rare_events(draw, pool, span), *_SORTS[sort](draw, pool, span)]
    events = [*ordinary_events(draw, service, times), *rare]
    events.sort(key=lambda event: event.at)
    text, _ = written(events, FORMS[form_name](draw, service.name))
    name = f"healthy-{pool}-{index:03d}-{sort}-{form_name}"
    return Case(name, {f"{service.name}.log": text}, Label(is_healthy=True))


def _nothing(_draw: random.Random, _pool: str, _span: tuple[float, float]) -> Iterator[Event]:
    return iter(())


def _telling(stories: dict[str, _Told]) -> Callable[[random.Random, str, tuple[float, float]], Iterator[Event]]:
    def tell(draw: random.Random, pool: str, span: tuple[float, float]) -> Iterator[Event]:
        began = span[0] + (span[1] - span[0]) * draw.uniform(0.2, 0.8)
        values = Values.of_a_case(draw)
        for after, level, message in stories[pool]:
            yield Event(began + after * draw.uniform(0.9, 1.1), level, "~", message.format_map(values))

    return tell


_SORTS: dict[str, Callable[[random.Random, str, tuple[float, float]], Iterator[Event]]] = {
    "day": _nothing,
    "deploy": _telling(_DEPLOYS),
    "job": _telling(_JOBS),
    "peak": _telling(_PEAKS),
}

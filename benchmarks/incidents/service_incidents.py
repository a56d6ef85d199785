"""Incidents of several services: requests run through a call graph, and one service has a fault."""

import random
from collections import defaultdict
from dataclasses import replace

from benchmarks.incidents.call_graph import CallGraph, draw_graph
from benchmarks.incidents.case import Case, Event, Label
from benchmarks.incidents.drawing import Values
from benchmarks.incidents.faults import KINDS, LOST_SECONDS, Fault, draw_fault
from benchmarks.incidents.layouts import LAYOUTS
from benchmarks.incidents.ordinary_days import draw_span, moments, rare_events
from benchmarks.incidents.phrases import Phrase, calls

_REQUESTS = 1500
_SPAN_SECONDS = (3000, 6000)
_STATS_SECONDS = 30.0
_CALL_SHARE, _NOISE_SHARE, _DEGRADED_SHARE, _SYMPTOM_SHARE = 0.7, 0.006, 0.2, 0.4
_WARN_SHARE = 0.5  # of services, that warn of a slow request
_SLOW_SECONDS = 1.0
# What happens on the way, so that the service's own numbers do not show it.
_UNFELT = ("delay", "loss")
# Of lines that mean nothing, in each service and its hour.
_RARE_KINDS = 3
# How a service's own words of a fault are called among the phrasings.
_SYMPTOMS = {"config": "own.config-denies"}


class Traffic:
    """Runs requests through a graph and keeps what every service logs of them."""

    def __init__(self, draw: random.Random, pool: str, graph: CallGraph, fault: Fault | None) -> None:
        self._draw, self._graph, self._fault = draw, graph, fault
        self._values = Values.of_a_case(draw)
        self._values["version"] = f"{draw.randrange(1, 9)}.{draw.randrange(40)}.0"
        self.outside = f"api.{draw.choice(('acme-pay', 'geo-data', 'mailworks'))}.example"
        self._values["outside"] = f"{self.outside}:443"
        self._pool = pool
        self._phrases: dict[tuple[str, str], Phrase] = {}
        # The others log a slow request like any.
        self._that_warn = frozenset(name for name in graph.services if draw.random() < _WARN_SHARE)
        self._shrinking_timeouts = draw.random() < 0.5
        self.events: dict[str, list[Event]] = defaultdict(list)

    def log(self, service: str, kind: str, at: float, **facts: object) -> None:
        """Have the service say something of the kind, each service in words of its own."""
        phrase = self._phrases.get((service, kind))
        if phrase is None:
            phrase = self._phrases[service, kind] = self._draw.choice(calls(self._pool)[kind])
        self._values.update(facts)
        message = phrase.text.format_map(self._values)
        self.events[service].append(Event(at, phrase.level, "~", message, service=service))

    def request(self, at: float) -> None:
        self._visit(self._graph.edge, at, depth=0)

    def _visit(self, name: str, at: float, *, depth: int) -> tuple[str, float]:
        """(outcome, seconds) of a request that reaches a service."""
        draw = self._draw
        effect = self._fault.effect(draw, name, at) if self._fault else None
        if effect and effect.outcome == "refused":
            return "refused", 0.002
        took = draw.expovariate(1 / 0.02) + (effect.extra_seconds if effect else 0.0)
        outcome = "ok" if effect is None else effect.outcome
        if effect and effect.extra_seconds < LOST_SECONDS:
            self._let_slip(name, at, took)
        for callee in self._graph.calls[name]:
            if outcome == "ok" and draw.random() < _CALL_SHARE:
                took, outcome = self._call(name, callee, at, took, depth)
        on_the_way = effect.extra_seconds if effect and self._fault and self._fault.kind in _UNFELT else 0.0
        if took < LOST_SECONDS:
            self._tell_outcome(name, at + took, took - on_the_way, outcome)
        return outcome, took

    def _call(self, name: str, callee: str, at: float, took: float, depth: int) -> tuple[float, str]:
        draw, limit = self._draw, 5.0 - depth if self._shrinking_timeouts else 2.0
        outcome, seconds = self._visit(callee, at + took, depth=depth + 1)
        took += min(limit, seconds)
        kind = "timeout" if seconds > limit else outcome
        if kind == "ok":
            return took, "ok"
        self._log_call(name, callee, kind, at + took, seconds=min(limit, seconds))
        return took, "ok" if draw.random() < _DEGRADED_SHARE else "failed"

    def _log_call(self, name: str, callee: str, kind: str, at: float, *, seconds: float) -> None:
        self.log(name, kind, at, peer=self._graph.naming[name, callee], took=round(seconds * 1000))

    def _tell_outcome(self, name: str, at: float, took: float, outcome: str) -> None:
        path = f"/{name.partition('-')[0]}/{self._draw.choice(('list', 'get', 'update'))}"
        facts = {"path": path, "verb": self._draw.choice(("GET", "POST")), "took": round(took * 1000)}
        kind = "done" if outcome == "ok" else "answered"
        is_slow = kind == "done" and took > _SLOW_SECONDS and name in self._that_warn
        self.log(name, "slow" if is_slow else kind, at, **facts)
        if self._draw.random() < _NOISE_SHARE:
            self.log(name, "noise", at + 0.001, **facts)

    def _let_slip(self, name: str, at: float, took: float) -> None:
        """The service at fault says something of its own, if it says anything."""
        fault = self._fault
        if not fault or fault.is_quiet or not fault.is_active(name, at) or self._draw.random() > _SYMPTOM_SHARE:
            return
        kind = _SYMPTOMS.get(fault.kind, f"own.{fault.kind}")
        if kind in calls(self._pool):
            self.log(name, kind, at, took=round(took * 1000), rss=self._rss(name, at), ratio=0.1)

    def routine(self, span: tuple[float, float]) -> None:
        """What is logged without a request: numbers every half minute, starts, what a fault begins with."""
        for name in self._graph.services:
            rare = rare_events(self._draw, self._pool, span, most=_RARE_KINDS)
            self.events[name] += [replace(event, service=name) for event in rare if not self._is_down(name, event.at)]
            at = span[0] + self._draw.random() * _STATS_SECONDS
            while at < span[1]:
                if not self._is_down(name, at):
                    self._tell_stats(name, at)
                at += _STATS_SECONDS
        if self._fault:
            self._tell_turns(self._fault)

    def _is_down(self, name: str, at: float) -> bool:
        return self._fault is not None and self._fault.is_down(name, at)

    def _tell_stats(self, name: str, at: float) -> None:
        fault = self._fault
        slow = fault.effect(self._draw, name, at).extra_seconds if fault and fault.kind not in _UNFELT else 0.0
        p95 = round(60 + self._draw.random() * 20 + min(slow, 5.0) * 1000)
        self.log(name, "stats", at, rps=self._draw.randrange(20, 30), p95=p95, rss=self._rss(name, at))

    def _rss(self, name: str, at: float) -> int:
        fault = self._fault
        grown = fault.load(at) if fault and fault.kind == "memory" and fault.is_active(name, at) else 0.0
        return int(300 + 700 * grown + self._draw.randrange(20))

    def _tell_turns(self, fault: Fault) -> None:
        if fault.kind == "config":
            self.log(fault.service, "own.config", fault.onset)
        if fault.kind == "crash" and not fault.is_quiet:
            self.log(fault.service, "own.crash", fault.onset)
        for at in fault.starts():
            release = self._values["version"] if fault.kind != "deploy" else "99.1.0"
            self.log(fault.service, "start", at, version=release)


def incident_case(pool: str, index: int, *, requests: int = _REQUESTS) -> Case:
    """The `index`-th incident of the pool: kinds of fault in turn, all else drawn."""
    draw = random.Random(f"incident {pool} {index}")
    kind = KINDS[index % len(KINDS)]
    graph, span = draw_graph(draw, pool), _draw_span(draw)
    fault = draw_fault(draw, graph, kind, span)
    traffic = _run(Traffic(draw, pool, graph, fault), moments(draw, span, requests), span)
    return _laid_out(draw, f"incident-{pool}-{index:03d}-{kind}", graph, traffic, fault)


def quiet_case(pool: str, index: int, *, requests: int = _REQUESTS) -> Case:
    """The same services on a day when nothing is wrong."""
    draw = random.Random(f"quiet {pool} {index}")
    graph, span = draw_graph(draw, pool), _draw_span(draw)
    traffic = _run(Traffic(draw, pool, graph, None), moments(draw, span, requests), span)
    return _laid_out(draw, f"healthy-{pool}-{index:03d}-services", graph, traffic, None)


def _draw_span(draw: random.Random) -> tuple[float, float]:
    start, _ = draw_span(draw)
    return start, start + draw.uniform(*_SPAN_SECONDS)


def _run(traffic: Traffic, times: list[float], span: tuple[float, float]) -> Traffic:
    for at in times:
        traffic.request(at)
    traffic.routine(span)
    return traffic


def _laid_out(draw: random.Random, name: str, graph: CallGraph, traffic: Traffic, fault: Fault | None) -> Case:
    layout = draw.choice(("files", *LAYOUTS))
    files, pattern = LAYOUTS[layout](draw, traffic.events, fault.service if fault else graph.edge)
    if fault is None:
        return Case(f"{name}-{layout}", files, Label(is_healthy=True))
    # A service whose outside dependency is down is as well told by that.
    faulty = (fault.service, traffic.outside) if fault.kind == "dependency" else (fault.service,)
    label = Label(failure=fault.kind, faulty=faulty, written_by_faulty=pattern, onset=fault.onset)
    return Case(f"{name}-{layout}", files, label)

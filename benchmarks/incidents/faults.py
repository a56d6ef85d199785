"""Faults to inject into one service of a call graph: what each does to the requests that reach it, and when."""

import random
from dataclasses import dataclass

from benchmarks.incidents.call_graph import CACHES, CallGraph

_RAMP_SECONDS = 120.0
_MEMORY_CYCLE_SECONDS = 420.0
_RESTART_SECONDS = 25.0
_DEPLOY_SECONDS = 3.0
# Longer than anyone waits.
LOST_SECONDS = 30.0
KINDS = ("cpu", "memory", "disk", "delay", "loss", "crash", "config", "deploy", "dependency", "pool", "cache")


@dataclass(frozen=True, slots=True)
class Effect:
    """What the fault does to one request: seconds more, and an outcome (ok, failed, denied, refused)."""

    extra_seconds: float = 0.0
    outcome: str = "ok"


_NONE = Effect()


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a kind in a service; moments count seconds since 1970. A quiet one logs nothing of its own."""

    kind: str
    service: str
    onset: float
    end: float
    is_quiet: bool

    def is_active(self, service: str, at: float) -> bool:
        return service == self.service and self.onset <= at < self.end

    def is_down(self, service: str, at: float) -> bool:
        """Whether nobody is home: nothing is served and nothing logged."""
        if not self.is_active(service, at):
            return False
        since = at - self.onset
        if self.kind == "memory":
            return since % _MEMORY_CYCLE_SECONDS > _MEMORY_CYCLE_SECONDS - _RESTART_SECONDS
        return self.kind == "crash" or (self.kind == "deploy" and since < _DEPLOY_SECONDS)

    def starts(self) -> list[float]:
        """When the service starts again."""
        if self.kind == "memory":
            cycles = int((self.end - self.onset) / _MEMORY_CYCLE_SECONDS)
            return [self.onset + _MEMORY_CYCLE_SECONDS * (cycle + 1) for cycle in range(cycles)]
        return {"crash": [self.end], "deploy": [self.onset + _DEPLOY_SECONDS]}.get(self.kind, [])

    def load(self, at: float) -> float:
        """How far the fault has grown, 0..1."""
        since = at - self.onset
        if self.kind == "memory":
            return since % _MEMORY_CYCLE_SECONDS / _MEMORY_CYCLE_SECONDS
        return min(1.0, since / _RAMP_SECONDS) if self.kind in {"cpu", "pool"} else 1.0

    def effect(self, draw: random.Random, service: str, at: float) -> Effect:
        if not self.is_active(service, at):
            return _NONE
        if self.is_down(service, at):
            return Effect(outcome="refused")
        return self._slowed(draw, at) if self.kind in _SLOW_SECONDS else self._broken(draw)

    def _slowed(self, draw: random.Random, at: float) -> Effect:
        return Effect(_SLOW_SECONDS[self.kind] * self.load(at) * draw.uniform(0.6, 1.5))

    def _broken(self, draw: random.Random) -> Effect:
        hit = draw.random()
        if self.kind == "loss":
            return Effect(LOST_SECONDS) if hit < 0.4 else _NONE
        if self.kind == "config":
            return Effect(outcome="denied") if hit < 0.8 else _NONE
        if self.kind == "dependency":
            return Effect(draw.uniform(1, 3), "failed" if hit < 0.8 else "ok")
        return Effect(draw.uniform(0, 0.4), "failed") if hit < 0.7 else _NONE


_SLOW_SECONDS = {"cpu": 5.0, "memory": 4.0, "delay": 5.0, "pool": 4.0, "cache": 3.5}


def draw_fault(draw: random.Random, graph: CallGraph, kind: str, span: tuple[float, float]) -> Fault:
    """A fault of the kind in a service that can have it, in the second or third quarter of the span."""
    inner = [name for name in graph.inner if name in CACHES] if kind == "cache" else list(graph.inner)
    if kind in {"config", "deploy"}:
        inner = [name for name in inner if graph.calls[name]] or inner
    start, end = span
    onset = start + (end - start) * draw.uniform(0.3, 0.7)
    last = min(end, onset + draw.uniform(600, 1500)) if kind == "crash" else end
    return Fault(kind, draw.choice(inner), onset, last, is_quiet=draw.random() < 0.4)

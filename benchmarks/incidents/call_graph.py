"""Services that call one another, drawn as a graph without circles, and how each names those it calls."""

import random
from dataclasses import dataclass

_EDGES = {"tune": ("storefront", "gateway"), "hold": ("portal", "edge")}
_MIDDLE = {
    "tune": ("cart", "catalog", "pricing", "payments", "stock", "shipping", "identity", "search", "notifications"),
    "hold": ("planner", "maps", "routing", "drivers", "trips", "billing", "wallet", "messenger", "fraud"),
}
_STORES = {"tune": ("orders-db", "session-cache"), "hold": ("trips-store", "geocache")}
CACHES = ("session-cache", "geocache")
_NAMINGS = (
    "{name}.prod.svc:8080",
    "http://{name}/internal/v2",
    "dns:///{name}:50051",
    "{name}",
    "10.40.{net}.{net}:8080",
    "upstream",
)


@dataclass(frozen=True, slots=True)
class CallGraph:
    """Services from the edge inwards; whom each calls; and the name that a caller's log has for a callee."""

    services: tuple[str, ...]
    calls: dict[str, tuple[str, ...]]
    naming: dict[tuple[str, str], str]

    @property
    def edge(self) -> str:
        return self.services[0]

    @property
    def inner(self) -> tuple[str, ...]:
        """Those behind the edge: what may be at fault."""
        return self.services[1:]


def draw_graph(draw: random.Random, pool: str) -> CallGraph:
    """A graph of six to twelve of the pool's services: an edge, what is behind it, and stores that call nobody."""
    middle = draw.sample(_MIDDLE[pool], draw.randrange(3, 9))
    services = (draw.choice(_EDGES[pool]), *middle, *_STORES[pool])
    calls: dict[str, list[str]] = {name: [] for name in services}
    for place, name in enumerate(services[1:], 1):
        callers = services[: min(place, 1 + len(middle))]
        for caller in draw.sample(callers, min(len(callers), draw.choice((1, 1, 2)))):
            calls[caller].append(name)
    naming = {
        (caller, callee): draw.choice(_NAMINGS).format(name=callee, net=draw.randrange(1, 250))
        for caller, callees in calls.items()
        for callee in callees
    }
    return CallGraph(services, {name: tuple(callees) for name, callees in calls.items()}, naming)

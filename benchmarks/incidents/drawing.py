"""Values for the {names} in a phrasing: some new for every line, some one and the same throughout a case."""

import random
from collections.abc import Callable

_WORDS = ["amber", "birch", "cobalt", "delta", "ember", "fjord", "garnet", "harbor", "indigo", "juniper", "kestrel"]
_TABLES = ["orders", "invoices", "sessions", "profiles", "shipments", "prices", "audit", "devices"]
_COLUMNS = ["region", "currency", "owner", "sku", "status", "locale"]
_TOP_LEVEL = ["internal", "corp.example", "svc.cluster.local", "example.net"]
_PORTS = [5432, 3306, 6379, 9092, 27017, 5672, 9200, 2379]


def _hex(draw: random.Random, digits: int) -> str:
    return f"{draw.getrandbits(4 * digits):0{digits}x}"


def _uuid(draw: random.Random) -> str:
    return "-".join(_hex(draw, digits) for digits in (8, 4, 4, 4, 12))


def _ip(draw: random.Random) -> str:
    return f"10.{draw.randrange(4)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"


def _domain(draw: random.Random) -> str:
    return f"{draw.choice(_WORDS)}.{draw.choice(_TOP_LEVEL)}"


_A_LINE: dict[str, Callable[[random.Random], object]] = {
    "n": lambda draw: draw.randrange(100, 10_000_000) // draw.choice((1, 10, 100, 1000)),
    "small": lambda draw: draw.randrange(2, 60),
    "ms": lambda draw: int(20 + draw.expovariate(1 / 60)),
    "kb": lambda draw: draw.randrange(100_000, 9_000_000),
    "hex": lambda draw: _hex(draw, 12),
    "uuid": _uuid,
    "ip": _ip,
    "port": lambda draw: draw.randrange(32_768, 61_000),
    "pid": lambda draw: draw.randrange(300, 32_000),
    "user": lambda draw: f"{draw.choice(_WORDS)}{draw.randrange(100)}",
    "domain": _domain,
    "host": lambda draw: f"{draw.choice(_WORDS)}-{draw.randrange(1, 9)}.{_domain(draw)}",
    "pod": lambda draw: f"{draw.choice(_WORDS)}-{_hex(draw, 9)}-{_hex(draw, 5)}",
    "node": lambda draw: f"node-{draw.randrange(1, 30)}",
    "node2": lambda draw: f"node-{draw.randrange(30, 60)}",
    "table": lambda draw: draw.choice(_TABLES),
    "column": lambda draw: draw.choice(_COLUMNS),
    "svc": lambda draw: f"{draw.choice(_WORDS)}-{draw.choice(_TABLES)}",
    "module": lambda draw: draw.choice(_WORDS),
    "unit": lambda draw: draw.choice(_WORDS),
    "program": lambda draw: draw.choice(("java", "node", "python3", "postgres", "mysqld", "nginx")),
    "path": lambda draw: f"/{draw.choice(('var/lib', 'data', 'srv', 'mnt'))}/{draw.choice(_WORDS)}",
    "ver": lambda draw: f"{draw.randrange(1, 9)}.{draw.randrange(30)}.{draw.randrange(9)}",
    "dbport": lambda draw: draw.choice(_PORTS),
}
# What stays itself however often a failure is told.
_A_CASE = (
    "host",
    "svc",
    "path",
    "table",
    "column",
    "module",
    "unit",
    "program",
    "node",
    "node2",
    "pod",
    "dbport",
    "ver",
)


class Values(dict[str, object]):
    """A mapping for `str.format_map` that draws what it is asked for."""

    def __init__(self, draw: random.Random, **fixed: object) -> None:
        super().__init__(fixed)
        self._draw = draw

    def __missing__(self, name: str) -> object:
        return _A_LINE[name](self._draw)

    @classmethod
    def of_a_case(cls, draw: random.Random) -> "Values":
        """Values with the names, hosts and paths of one place."""
        return cls(draw, **{name: _A_LINE[name](draw) for name in _A_CASE})

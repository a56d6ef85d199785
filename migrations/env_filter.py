"""Which tables are ours: the durable engine keeps its own in the same database."""

from models import database  # noqa: F401  # every table is registered by now
from models.base import Base


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether autogenerate may compare the thing, or drop it."""
    return kind != "table" or name in Base.metadata.tables

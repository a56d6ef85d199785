"""Alembic runs this. The connection comes from the caller, so migrations use the project's own engine."""

from alembic import context

from models import database  # noqa: F401  # every table is registered by now
from models.base import Base


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The durable engine keeps its tables in the same database; they are not ours to compare or drop."""
    return kind != "table" or name in Base.metadata.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=is_ours,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

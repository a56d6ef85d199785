"""Alembic runs this. The connection comes from the caller, so migrations use the project's own engine."""

from alembic import context

from migrations.env_filter import is_ours
from models.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=is_ours,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

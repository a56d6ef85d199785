"""One clock for all processes: the database server's. SQLite has none of its own, and one process: this machine's."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, func, literal
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import UtcDateTime, utc_now


def database_time(session: AsyncSession, *, plus_seconds: float = 0) -> ColumnElement[datetime]:
    """The moment a statement runs, or one so many seconds later, to compare with columns and to write into them."""
    ahead = timedelta(seconds=plus_seconds)
    if session.get_bind().dialect.name == "sqlite":
        return literal(utc_now() + ahead, UtcDateTime())
    return func.clock_timestamp(type_=DateTime(timezone=True)) + ahead

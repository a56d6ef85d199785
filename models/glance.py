"""A look at the database that costs one statement."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database


@asynccontextmanager
async def glance(database: Database) -> AsyncIterator[AsyncSession]:
    """A session to read with once: on Postgres no transaction is begun and rolled back around it.

    For what is asked every second. SQLite, where a statement costs no way over a network, begins one as always.
    """
    async with database.read() as session:
        if not database.is_sqlite:
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session

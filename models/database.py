"""Engines and sessions for both databases.

SQLite takes its write lock when a transaction begins (BEGIN IMMEDIATE): a transaction that reads first and writes later
fails with "database is locked" as soon as another has written in between. Readers begin as usual and never wait.
Writers of one process share one connection, so that they come one after the other in their order; each would otherwise
try for the lock by itself now and then, and some would be lucky and others not.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, event, make_url
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

import models.incident
import models.messaging
import models.triage  # noqa: F401  # every table is known as soon as a database is
from models.base import Base
from models.sqlite_connection import connect

# A connection's cursors are made in the event loop and used in its thread: never in both at the same time.
HIDES_VALUES = True  # an error of the database ends up in logs, and what people wrote does not belong there
SQLITE_OPTIONS = {"check_same_thread": False, "async_creator_fn": connect}


class Database:
    """One database: `write()` and `read()` open sessions; the caller commits.

    `single()` is a connection on which each statement is a transaction of its own, for work that is one statement.
    `glance()` is a session to read with once, for what is asked every second: a connection that was lost meanwhile
    shows there as an error.

    Attributes:
        url: the address as given, with an async driver.
        is_sqlite: the embedded default, one process only.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url, pool_size)
        self._writing = _sqlite_engine(self.url, pool_size=1, max_overflow=0) if self.is_sqlite else self.engine
        writer = self._writing.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        self.write: Callable[[], AsyncSession] = async_sessionmaker(
            writer, expire_on_commit=False, sync_session_class=_NotifyingSession, info={"on_commit": self._notify}
        )
        self.read: Callable[[], AsyncSession] = async_sessionmaker(self.engine, expire_on_commit=False)
        self._glancing = self.engine if self.is_sqlite else _glancing_engine(self.url)
        self.glance: Callable[[], AsyncSession] = async_sessionmaker(self._glancing, expire_on_commit=False)
        self.single: Callable[[], AsyncConnection] = _committing_by_itself(self._writing).connect
        self._listeners: dict[str, list[Callable[[], None]]] = {}

    def on_commit(self, topic: str, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit of a session in which `announce(session, topic)` was called."""
        self._listeners.setdefault(topic, []).append(listener)

    def _notify(self, topics: set[str]) -> None:
        for topic in topics:
            for listener in self._listeners.get(topic, []):
                listener()

    @property
    def sync_url(self) -> str:
        """The address for libraries that talk to the database without asyncio."""
        driver = "sqlite" if self.is_sqlite else "postgresql"
        return self.url.set(drivername=driver).render_as_string(hide_password=False)

    async def close(self) -> None:
        await self.engine.dispose()
        await self._glancing.dispose()
        await self._writing.dispose()


class _NotifyingSession(Session):
    """Tells the database's listeners what a commit was about; they are hints, not deliveries."""


@event.listens_for(_NotifyingSession, "after_commit")
def _tell(session: Session) -> None:
    topics = session.info.pop("topics", None)
    if topics:
        session.info["on_commit"](topics)


@event.listens_for(_NotifyingSession, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop("topics", None)


def announce(session: AsyncSession, topic: str) -> None:
    """Have the listeners of `topic` told when this session commits."""
    session.info.setdefault("topics", set()).add(topic)


def insert_into(session: AsyncSession, entity: type[Base]) -> SqliteInsert | PostgresInsert:
    """An INSERT that can say what happens on a conflict; the two databases spell it alike, SQLAlchemy does not."""
    return insert_for(session.get_bind().dialect.name, entity)


def insert_for(dialect: str, entity: type[Base] | Table) -> SqliteInsert | PostgresInsert:
    """The same where the database is known by name: "sqlite" or "postgresql"."""
    return (sqlite_insert if dialect == "sqlite" else postgres_insert)(entity)


def _glancing_engine(url: URL) -> AsyncEngine:
    """For what is asked every second: outside of transactions, and without the three statements of a ping before."""
    return _postgres_engine(url, 2, isolation_level="AUTOCOMMIT", pool_pre_ping=False)


def _postgres_engine(url: URL, pool_size: int, **options: Any) -> AsyncEngine:
    """The driver itself reads the address too: only so it understands `?sslmode=require` and what else libpq has."""
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg", query={}),
        connect_args={"dsn": url.set(drivername="postgresql").render_as_string(hide_password=False)},
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=HIDES_VALUES,
        **{"pool_pre_ping": True, **options},
    )


def _sqlite_engine(url: URL, **pool: int) -> AsyncEngine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"), connect_args=SQLITE_OPTIONS, hide_parameters=HIDES_VALUES, **pool
    )
    begin_as_asked(engine.sync_engine)
    return engine


def _committing_by_itself(engine: AsyncEngine) -> AsyncEngine:
    if engine.dialect.name == "sqlite":  # the driver is in that mode already, and only `begin_as_asked` would begin
        return engine.execution_options(sqlite_begin=None)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def begin_as_asked(engine: Engine) -> None:
    """Transactions begin when SQLAlchemy says so; the driver's own begin would be a deferred one."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        begin = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        if begin:
            connection.exec_driver_sql(begin)

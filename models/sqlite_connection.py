"""aiosqlite with one trip to a connection's thread for each statement.

A statement that finds the database locked is tried again from the event loop: waiting inside SQLite could not be
cancelled, and would outlast whoever waits for it.

Every trip wakes two threads, which costs more than most statements do. aiosqlite goes there for the cursor, for the
statement, for its rows and to close it, one after the other, and SQLAlchemy once more to roll back what was committed.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterable
from typing import Any

import aiosqlite

LOCK_SECONDS = 30.0  # the longest anybody may hold the lock; a transaction takes milliseconds
LOCK_POLL_SECONDS = 0.005
ROWS_AT_ONCE = 64  # aiosqlite's own figure; only its iterators use it


class OneTripCursor(aiosqlite.Cursor):
    """Brings a statement's rows along, so that nothing is left to fetch or to close."""

    _rows: deque[sqlite3.Row]

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "OneTripCursor":
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOCK_SECONDS
        while True:
            try:
                self._rows = await self._execute(self._run, sql, parameters or ())  # type: ignore[no-untyped-call]
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() > deadline:
                    raise
                await asyncio.sleep(LOCK_POLL_SECONDS)
            else:
                return self

    def _run(self, sql: str, parameters: Iterable[Any]) -> deque[sqlite3.Row]:
        return deque(self._cursor.execute(sql, parameters))  # type: ignore[arg-type]  # sqlite3 takes any iterable

    async def fetchone(self) -> sqlite3.Row | None:
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[sqlite3.Row]:
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    async def fetchall(self) -> list[sqlite3.Row]:
        return await self.fetchmany(len(self._rows)) if self._rows else []

    async def close(self) -> None:
        """A statement whose rows were all taken holds nothing any more."""


class OneTripConnection(aiosqlite.Connection):
    """Differs from aiosqlite's in how often it goes to its thread, and in nothing else."""

    def cursor(self) -> OneTripCursor:  # type: ignore[override]  # not wrapped for `async with`: SQLAlchemy enters it
        return OneTripCursor(self, self._conn.cursor())

    async def create_function(self, *function: Any, **options: Any) -> None:  # the signature is sqlite3's
        """Done here, since SQLAlchemy has it done to each new connection before it would notice that it is canceled."""
        self._conn.create_function(*function, **options)

    async def commit(self) -> None:
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        if self.in_transaction:
            await super().rollback()


def connect(database: str, **options: Any) -> OneTripConnection:
    """A connection to await, as `aiosqlite.connect` returns one; the options are those of `sqlite3.connect`."""
    connection = OneTripConnection(lambda: _prepared(database, **options), ROWS_AT_ONCE)
    connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does: an unclosed connection must not keep us alive
    return connection


def _prepared(database: str, **options: Any) -> sqlite3.Connection:
    """Write-ahead log, foreign keys, no transactions but those that are asked for, and no waiting inside SQLite."""
    connection: sqlite3.Connection = sqlite3.connect(database, timeout=LOCK_SECONDS, isolation_level=None, **options)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection

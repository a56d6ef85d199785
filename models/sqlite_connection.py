"""aiosqlite with one trip to a connection's thread for each statement.

Every trip wakes two threads, which costs more than most statements do. aiosqlite goes there for the cursor, for the
statement, for its rows and to close it, one after the other, and SQLAlchemy once more to roll back what was committed.
"""

import sqlite3
from collections import deque
from collections.abc import Iterable
from typing import Any

import aiosqlite

ROWS_AT_ONCE = 64  # aiosqlite's own figure; only its iterators use it


class OneTripCursor(aiosqlite.Cursor):
    """Brings a statement's rows along, so that nothing is left to fetch or to close."""

    _rows: deque[sqlite3.Row]

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "OneTripCursor":
        self._rows = await self._execute(self._run, sql, parameters or ())  # type: ignore[no-untyped-call]
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

    async def commit(self) -> None:
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        if self.in_transaction:
            await super().rollback()


def connect(database: str, **options: Any) -> OneTripConnection:
    """A connection to await, as `aiosqlite.connect` returns one; the options are those of `sqlite3.connect`."""
    connection = OneTripConnection(lambda: sqlite3.connect(database, **options), ROWS_AT_ONCE)
    connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does: an unclosed connection must not keep us alive
    return connection

"""While the database is away everything waits for it; what it refuses is an error at once."""

import asyncio
import socket
import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from models.database import Database
from services.jobs import patience
from services.jobs.patience import is_away, until_the_database_answers

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(patience, "FIRST_WAIT_SECONDS", 0.02)


async def test_a_server_that_is_not_there_yet_is_waited_for(migrated_postgres_url):
    """The first attempts go to a port where nothing listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        nobody = Database(f"postgresql://triage@127.0.0.1:{reserved.getsockname()[1]}/x")
    here, asked = Database(migrated_postgres_url), []

    async def ask(argument):
        asked.append(argument)
        async with (nobody if len(asked) < 4 else here).read() as session:
            return await session.scalar(text("SELECT 7"))

    assert await until_the_database_answers(ask, "x") == 7
    assert asked == ["x"] * 4
    await nobody.close()
    await here.close()


async def test_a_connection_that_is_cut_in_the_middle_is_waited_for(migrated_postgres_url):
    database, cut = Database(migrated_postgres_url), []

    async def ask():
        async with database.read() as session:
            if not cut:
                cut.append(True)
                await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            return await session.scalar(text("SELECT 7"))

    assert await until_the_database_answers(ask) == 7
    await database.close()


async def test_two_transactions_that_wait_for_each_other_both_come_through(migrated_postgres_url):
    database = Database(migrated_postgres_url)
    async with database.write() as session:
        await session.execute(text("CREATE TABLE pair (id int PRIMARY KEY, n int)"))
        await session.execute(text("INSERT INTO pair VALUES (1, 0), (2, 0)"))
        await session.commit()
    both = asyncio.Barrier(2)

    def adding(first, second):
        met = []

        async def add():
            async with database.write() as session:
                await session.execute(text(f"UPDATE pair SET n = n + 1 WHERE id = {first}"))
                if not met:
                    met.append(await both.wait())
                await session.execute(text(f"UPDATE pair SET n = n + 1 WHERE id = {second}"))
                await session.commit()

        return until_the_database_answers(add)

    await asyncio.wait_for(asyncio.gather(adding(1, 2), adding(2, 1)), 30)
    async with database.read() as session:
        assert list(await session.scalars(text("SELECT n FROM pair"))) == [2, 2]
    await database.close()


@pytest.mark.parametrize("statement", ["SELECT * FROM nothing_of_ours", "INSERT INTO worker_heartbeat VALUES (NULL)"])
async def test_what_the_database_refuses_is_an_error_at_once(database, statement):
    asked = []

    async def ask():
        asked.append(statement)
        async with database.write() as session:
            await session.execute(text(statement))

    with pytest.raises(DBAPIError):
        await until_the_database_answers(ask)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError(111, "refused"), True),
        (socket.gaierror(-2, "unknown name"), True),
        (OSError("Multiple exceptions: [Errno 111] ('::1', 5432), [Errno 111] ('127.0.0.1', 5432)"), True),
        (OSError(28, "No space left on device"), False),
        (DBAPIError("SELECT", {}, sqlite3.OperationalError("database is locked")), True),
        (DBAPIError("SELECT", {}, sqlite3.OperationalError("database or disk is full")), True),
        (DBAPIError("SELECT", {}, sqlite3.OperationalError("no such table: x")), False),
        (IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed")), False),
        (ProgrammingError("SELECT", {}, Exception("syntax error")), False),
        (ValueError("of ours"), False),
    ],
    ids=repr,
)
async def test_away_is_told_from_refused(error, away):
    assert is_away(error) is away

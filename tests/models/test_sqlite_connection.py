"""The connections behind SQLAlchemy: what aiosqlite does, in fewer trips to its thread."""

import aiosqlite
import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from models.base import utc_now
from models.database import Database
from models.messaging import WorkerHeartbeat
from models.sqlite_connection import connect

pytestmark = pytest.mark.asyncio


@pytest.fixture
def trips(monkeypatch):
    """What is done in a connection's thread, in order."""
    made = []
    go = aiosqlite.Connection._execute

    async def counted(self, function, *args, **kwargs):
        made.append(args[0] if args else function.__name__)
        return await go(self, function, *args, **kwargs)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return made


@pytest_asyncio.fixture
async def database(migrated_sqlite_url):
    database = Database(migrated_sqlite_url)
    for session in (database.read(), database.write()):
        async with session:
            await session.execute(text("SELECT 1"))  # connected
    yield database
    await database.close()


async def test_a_transaction_takes_one_trip_a_statement(database, trips):
    async with database.write() as session:
        beat = insert(WorkerHeartbeat).values(worker_id="w", beaten_at=utc_now()).returning(WorkerHeartbeat.worker_id)
        assert (await session.execute(beat)).scalar_one() == "w"
        await session.commit()
    begin, inserted, commit = trips
    assert (begin, commit) == ("BEGIN IMMEDIATE", "commit")
    assert inserted.startswith("INSERT INTO worker_heartbeat")


async def test_what_was_not_committed_is_rolled_back(database, trips):
    async with database.write() as session:
        await session.execute(insert(WorkerHeartbeat).values(worker_id="w", beaten_at=utc_now()))
    assert trips[-1] == "rollback"
    async with database.read() as session:
        assert (await session.scalars(select(WorkerHeartbeat.worker_id))).all() == []


async def test_a_failing_statement_fails_where_it_is_awaited(database):
    beat = insert(WorkerHeartbeat).values(worker_id="w", beaten_at=utc_now())
    async with database.write() as session:
        await session.execute(beat)
        with pytest.raises(IntegrityError):
            await session.execute(beat)
    async with database.read() as session, database.engine.connect() as connection:
        many = await session.scalars(text("SELECT value FROM json_each('[1,2,3]')"))
        assert many.all() == [1, 2, 3]
        streamed = await connection.stream(text("SELECT value FROM json_each('[1,2,3,4,5]')"))
        assert [row[0] async for row in streamed] == [1, 2, 3, 4, 5]


async def test_rows_come_one_by_one_some_or_all(tmp_path):
    connection = await connect(str(tmp_path / "plain.db"), check_same_thread=False)
    cursor = await connection.cursor().execute("SELECT value FROM json_each('[1,2,3,4,5,6]')")
    assert [row[0] for row in [await cursor.fetchone(), *await cursor.fetchmany(2), *await cursor.fetchmany()]] == [
        1,
        2,
        3,
        4,
    ]
    assert [row[0] for row in await cursor.fetchall()] == [5, 6]
    assert await cursor.fetchall() == []
    assert await cursor.fetchone() is None
    await connection.close()

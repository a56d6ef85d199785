"""Transactions: writers of SQLite begin with the lock, readers never wait, commits are told to those who asked."""

import asyncio

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from models.base import utc_now
from models.database import Database, announce
from models.messaging import WorkerHeartbeat

pytestmark = pytest.mark.asyncio


def beat(name):
    return insert(WorkerHeartbeat).values(worker_id=name, beaten_at=utc_now())


async def read_then_write(sessions, name, both_have_read):
    """The transaction that a deferred begin breaks: it reads, somebody else writes, then it wants to write."""
    async with sessions() as session:
        await session.scalar(select(func.count()).select_from(WorkerHeartbeat))
        await both_have_read()
        await session.execute(beat(name))
        await session.commit()


async def test_overlapping_writers_wait_for_each_other(database):
    async def no_barrier():
        await asyncio.sleep(0)

    await asyncio.gather(*(read_then_write(database.write, f"w{n}", no_barrier) for n in range(6)))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(WorkerHeartbeat)) == 6


async def test_a_deferred_transaction_would_fail_on_sqlite(migrated_sqlite_url):
    """Why writers begin immediate: with the readers' begin one of two such transactions is lost."""
    database = Database(migrated_sqlite_url)
    barrier = asyncio.Barrier(2)
    results = await asyncio.gather(
        *(read_then_write(database.read, f"w{n}", barrier.wait) for n in range(2)), return_exceptions=True
    )
    await database.close()
    assert [type(r) for r in results if r is not None] == [OperationalError]
    assert "locked" in str(next(r for r in results if r is not None))


async def test_a_reader_does_not_wait_for_a_writer(database):
    async with database.write() as writer:
        await writer.execute(beat("uncommitted"))
        async with database.read() as reader, asyncio.timeout(5):
            assert await reader.scalar(select(func.count()).select_from(WorkerHeartbeat)) == 0
        await writer.rollback()


async def test_sqlite_keeps_a_write_ahead_log_and_foreign_keys(migrated_sqlite_url):
    database = Database(migrated_sqlite_url)
    async with database.read() as session:
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1
    await database.close()


async def test_listeners_hear_of_commits_about_their_topic_and_of_nothing_else(database):
    heard = []
    database.on_commit("outbox", lambda: heard.append("outbox"))
    database.on_commit("other", lambda: heard.append("other"))
    async with database.write() as session:
        announce(session, "outbox")
        await session.execute(beat("rolled back"))
        await session.rollback()
    async with database.write() as session:
        await session.execute(beat("of no topic"))
        await session.commit()
    assert heard == []
    async with database.write() as session:
        announce(session, "outbox")
        await session.execute(beat("committed"))
        await session.commit()
    assert heard == ["outbox"]


async def test_what_an_address_of_libpq_says_after_the_question_mark_is_understood(migrated_postgres_url):
    database = Database(f"{migrated_postgres_url}?sslmode=disable&application_name=triage")
    async with database.read() as session:
        assert await session.scalar(text("SHOW application_name")) == "triage"
    await database.close()
    demanding = Database(f"{migrated_postgres_url}?sslmode=require")
    with pytest.raises(OSError, match="SSL"):
        async with demanding.read() as session:
            await session.scalar(text("SELECT 1"))
    await demanding.close()


async def test_an_error_does_not_quote_what_was_to_be_written(database):
    async with database.write() as session:
        with pytest.raises(DBAPIError) as refused:
            await session.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "what somebody wrote"})
    assert "what somebody wrote" not in str(refused.value)

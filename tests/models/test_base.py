"""Ids and times as both databases keep them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from models.base import new_id
from models.messaging import WorkerHeartbeat


def test_ids_sort_in_the_order_they_were_made_also_within_a_millisecond():
    ids = [new_id() for _ in range(5_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5_000
    assert {len(i) for i in ids} == {26}


def test_ids_made_by_several_threads_are_all_different():
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: new_id(), range(2_000)))
    assert len(set(ids)) == 2_000


@pytest.mark.asyncio
async def test_times_come_back_aware_and_in_utc(database):
    berlin = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    async with database.write() as session:
        await session.execute(insert(WorkerHeartbeat).values(worker_id="w", beaten_at=berlin))
        await session.commit()
    async with database.read() as session:
        kept = await session.scalar(select(WorkerHeartbeat.beaten_at))
    assert kept == datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    assert kept.utcoffset() == timedelta(0)


@pytest.mark.asyncio
async def test_a_naive_time_is_refused(database):
    async with database.write() as session:
        naive = insert(WorkerHeartbeat).values(worker_id="w", beaten_at=datetime(2026, 3, 1))  # noqa: DTZ001  # the point
        with pytest.raises(StatementError, match="times are aware UTC"):
            await session.execute(naive)

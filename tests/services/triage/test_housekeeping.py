"""Old rows of jobs and deliveries go; what is new, or not done, stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models.base import utc_now
from models.messaging import InboundEvent
from services.triage.housekeeping import KEPT, Housekeeping

pytestmark = pytest.mark.asyncio


async def test_what_ended_long_ago_is_forgotten_and_the_rest_kept(database, jobs):
    prefix = "" if database.is_sqlite else "dbos."
    async with database.write() as session:
        for name in ("old", "new", "waiting"):
            await jobs.enqueue(session, kind="x", job_id=name, argument=name, lane="T1")
        for name, age in (("old", KEPT + timedelta(minutes=1)), ("new", KEPT - timedelta(minutes=1))):
            at = utc_now() - age
            session.add(InboundEvent(id=name, kind="event", workspace="T1", received_at=at))
            ended = {"name": name, "at": int(at.timestamp() * 1000)}
            await session.execute(
                text(
                    f"UPDATE {prefix}workflow_status SET status = 'SUCCESS', completed_at = :at, created_at = :at "
                    "WHERE workflow_uuid = :name"
                ),
                ended,
            )
        await session.commit()
    await Housekeeping(database, jobs).forget()
    assert [await jobs.status(name) for name in ("old", "new", "waiting")] == [None, "SUCCESS", "ENQUEUED"]
    async with database.read() as session:
        assert list(await session.scalars(select(InboundEvent.id))) == ["new"]
        inputs = await session.scalars(text(f"SELECT workflow_uuid FROM {prefix}workflow_input ORDER BY 1"))
        assert list(inputs) == ["new", "waiting"]

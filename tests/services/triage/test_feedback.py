"""Right and wrong: one opinion a person, the last word counts, and it stays with the run it was given for."""

import asyncio

import pytest
from sqlalchemy import select

from models.messaging import MessageKind, OutboxMessage
from models.triage import Finding, FindingFeedback, Opinion
from services.errors import RunNotFound
from services.triage import triage_service
from services.triage.feedback import Given, Tally, give_feedback, tally_of
from tests.services.triage.uploads import add_findings

pytestmark = pytest.mark.asyncio


async def say(database, run, user, opinion):
    async with database.write() as session:
        given = await give_feedback(session, run_id=run.id, opinion=opinion, user=user)
        await session.commit()
        return given


async def tally(database, run):
    async with database.read() as session:
        return await tally_of(session, run.id)


async def opinions(database):
    async with database.read() as session:
        rows = await session.execute(
            select(Finding.kind, FindingFeedback).join(FindingFeedback).order_by(FindingFeedback.user)
        )
        return rows.all()


async def revision(database):
    """How often the living message was asked for."""
    async with database.read() as session:
        living = select(OutboxMessage.revision).where(OutboxMessage.kind == MessageKind.TRIAGE)
        return await session.scalar(living) or 0


async def test_an_opinion_is_kept_with_the_first_finding_who_when_and_the_engines_version(database, incident):
    run = await add_findings(database, incident, "lock", "timeout", engine_version="0.1.7")
    assert await say(database, run, "U1", Opinion.RIGHT) == Given.NOTED
    ((kind, given),) = await opinions(database)
    assert (kind, given.user, given.opinion, given.engine_version) == ("lock", "U1", "right", "0.1.7")
    assert given.given_at > run.queued_at


async def test_several_people_are_counted_apart(database, incident):
    run = await add_findings(database, incident, "lock")
    for user, opinion in (("U1", Opinion.RIGHT), ("U2", Opinion.WRONG), ("U3", Opinion.RIGHT)):
        await say(database, run, user, opinion)
    assert await tally(database, run) == Tally(right=2, wrong=1)


async def test_pressing_the_other_changes_ones_mind(database, incident):
    run = await add_findings(database, incident, "lock")
    await say(database, run, "U1", Opinion.RIGHT)
    ((_, first),) = await opinions(database)
    assert await say(database, run, "U1", Opinion.WRONG) == Given.CHANGED
    ((_, second),) = await opinions(database)
    assert (second.opinion, second.given_at > first.given_at) == ("wrong", True)
    assert await tally(database, run) == Tally(wrong=1)


async def test_pressing_twice_changes_nothing(database, incident):
    run = await add_findings(database, incident, "lock")
    await say(database, run, "U1", Opinion.RIGHT)
    ((_, first),) = await opinions(database)
    shown = await revision(database)
    assert await say(database, run, "U1", Opinion.RIGHT) == Given.REPEATED
    ((_, second),) = await opinions(database)
    assert second.given_at == first.given_at
    assert await revision(database) == shown


async def test_the_living_message_follows_every_change(database, incident):
    run = await add_findings(database, incident, "lock")
    for count, opinion in enumerate((Opinion.RIGHT, Opinion.WRONG), start=1):
        await say(database, run, "U1", opinion)
        assert await revision(database) == count


async def test_two_presses_of_one_person_at_once_are_one_opinion(database, incident):
    run = await add_findings(database, incident, "lock")
    pressed = await asyncio.gather(*(say(database, run, "U1", Opinion.RIGHT) for _ in range(4)))
    assert sorted(pressed) == [Given.NOTED] + [Given.REPEATED] * 3
    assert await tally(database, run) == Tally(right=1)


async def test_a_new_run_begins_without_opinions_and_the_old_one_keeps_its_own(database, incident):
    old = await add_findings(database, incident, "lock")
    await say(database, old, "U1", Opinion.RIGHT)
    new = await add_findings(database, incident, "lock")
    assert await tally(database, new) == Tally()
    await say(database, old, "U2", Opinion.WRONG)
    assert await tally(database, old) == Tally(right=1, wrong=1)
    assert await tally(database, new) == Tally()


async def test_the_view_has_the_tally_of_the_report_it_shows(database, incident):
    run = await add_findings(database, incident, "lock")
    await say(database, run, "U1", Opinion.WRONG)
    async with database.read() as session:
        view = await triage_service.get_triage(session, incident.id)
    assert view.report is None
    assert view.tally == Tally()  # without a report there is nothing that people could mean


async def test_where_nothing_was_found_there_is_nothing_to_judge(database, incident):
    run = await add_findings(database, incident)
    assert await say(database, run, "U1", Opinion.RIGHT) is None
    assert await revision(database) == 0


async def test_a_run_nobody_knows_is_refused(database):
    async with database.write() as session:
        with pytest.raises(RunNotFound):
            await give_feedback(session, run_id="01NOTHING", opinion=Opinion.RIGHT, user="U1")

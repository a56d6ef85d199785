"""An incident's life, on both databases."""

import asyncio

import pytest
from sqlalchemy import select

from models.incident import IncidentStatus, MilestoneKind, TimelineEvent
from models.messaging import OutboxMessage
from services.errors import ConcurrentChange, InvalidTitle, InvalidTransition, UnknownSeverity, UnknownStatus
from services.incidents import incident_service
from services.incidents.incident_service import commander_of, milestone_of

pytestmark = pytest.mark.asyncio


async def open_incident(database, **changes):
    async with database.write() as session:
        facts = {"title": "checkout is failing", "workspace": "T1", "reporter": "UALICE", "channel": "C1"} | changes
        incident = await incident_service.create_incident(session, **facts)
        await session.commit()
        return incident.id


async def test_numbers_count_up_in_each_workspace(database):
    for workspace in ("T1", "T1", "T2"):
        await open_incident(database, workspace=workspace)
    async with database.read() as session:
        page = await incident_service.list_incidents(session, page=1, per_page=10)
    assert [(i.workspace, i.ref) for i in page.items] == [("T2", "INC-1"), ("T1", "INC-2"), ("T1", "INC-1")]


async def test_incidents_opened_at_the_same_moment_get_different_numbers(database):
    await asyncio.gather(*(open_incident(database) for _ in range(8)))
    async with database.read() as session:
        page = await incident_service.list_incidents(session, page=1, per_page=10)
    assert sorted(i.number for i in page.items) == list(range(1, 9))


@pytest.mark.parametrize("title", ["", "   ", "db", "x" * 151])
async def test_a_title_nobody_could_use_is_refused(database, title):
    with pytest.raises(InvalidTitle):
        await open_incident(database, title=title)


async def test_an_unknown_severity_is_refused_by_name(database):
    with pytest.raises(UnknownSeverity, match="sev9"):
        await open_incident(database, severity="sev9")


async def test_opening_puts_the_card_in_the_outbox_in_the_same_transaction(database):
    incident_id = await open_incident(database)
    async with database.read() as session:
        keys = (await session.scalars(select(OutboxMessage.key))).all()
    assert keys == [f"card:{incident_id}"]


async def test_what_is_not_committed_leaves_no_card_behind(database):
    async with database.write() as session:
        await incident_service.create_incident(
            session, title="rolled back", workspace="T1", reporter="U1", channel="C1"
        )
        await session.rollback()
    async with database.read() as session:
        assert (await session.scalars(select(OutboxMessage.key))).all() == []


async def test_acknowledging_takes_command_and_is_remembered(database):
    incident_id = await open_incident(database)
    async with database.write() as session:
        incident = await incident_service.get_incident(session, incident_id)
        change = await incident_service.acknowledge_incident(session, incident, actor="UBOB", source="slack")
        await session.commit()
    assert change.changed
    async with database.read() as session:
        incident = await incident_service.get_incident(session, incident_id)
        assert incident.status == IncidentStatus.ACKNOWLEDGED
        assert commander_of(incident).user == "UBOB"
        assert milestone_of(incident, MilestoneKind.ACKNOWLEDGED).actor == "UBOB"
        assert milestone_of(incident, MilestoneKind.ACKNOWLEDGED).occurred_at.tzinfo is not None


async def test_a_second_acknowledgement_changes_nothing(database):
    incident_id = await open_incident(database)
    for actor in ("UBOB", "UCAROL"):
        async with database.write() as session:
            incident = await incident_service.get_incident(session, incident_id)
            change = await incident_service.acknowledge_incident(session, incident, actor=actor, source="slack")
            await session.commit()
    assert not change.changed
    async with database.read() as session:
        incident = await incident_service.get_incident(session, incident_id)
        assert milestone_of(incident, MilestoneKind.ACKNOWLEDGED).actor == "UBOB"
        kinds = (await session.scalars(select(TimelineEvent.kind))).all()
    assert kinds.count("acknowledged") == 1


async def test_reopening_withdraws_the_resolution(database):
    incident_id = await open_incident(database)
    async with database.write() as session:
        incident = await incident_service.get_incident(session, incident_id)
        await incident_service.resolve_incident(session, incident, actor="UBOB", source="slack")
        await incident_service.acknowledge_incident(session, incident, actor="UCAROL", source="slack")
        await session.commit()
    async with database.read() as session:
        incident = await incident_service.get_incident(session, incident_id)
        assert incident.status == IncidentStatus.ACKNOWLEDGED
        assert milestone_of(incident, MilestoneKind.RESOLVED) is None


async def test_a_canceled_incident_is_not_resolved(database):
    incident_id = await open_incident(database)
    async with database.write() as session:
        incident = await incident_service.get_incident(session, incident_id)
        await incident_service.cancel_incident(session, incident, actor="UBOB", source="slack")
        with pytest.raises(InvalidTransition, match="INC-1 is canceled, so it cannot be resolved"):
            await incident_service.resolve_incident(session, incident, actor="UBOB", source="slack")


async def test_calling_the_same_person_in_twice_happens_once(database):
    incident_id = await open_incident(database)
    async with database.write() as session:
        incident = await incident_service.get_incident(session, incident_id)
        first = await incident_service.escalate_incident(
            session, incident, target="UCAROL", actor="UBOB", source="slack"
        )
        again = await incident_service.escalate_incident(
            session, incident, target="UCAROL", actor="UBOB", source="slack"
        )
    assert (first.changed, again.changed) == (True, False)
    assert [e.level for e in again.incident.escalations] == [1]


async def test_two_changes_at_once_leave_one_and_tell_the_other(migrated_postgres_url):
    """On Postgres two writers overlap; on SQLite the second waits for the first by BEGIN IMMEDIATE."""
    from models.database import Database

    database = Database(migrated_postgres_url)
    incident_id = await open_incident(database)
    async with database.write() as one, database.write() as other:
        mine = await incident_service.get_incident(one, incident_id)
        theirs = await incident_service.get_incident(other, incident_id)
        await incident_service.acknowledge_incident(one, mine, actor="UBOB", source="slack")
        await one.commit()
        with pytest.raises(ConcurrentChange):
            await incident_service.resolve_incident(other, theirs, actor="UCAROL", source="slack")
    await database.close()


@pytest.mark.parametrize(
    ("name", "found"),
    [("INC-1", True), ("inc-1", True), ("1", True), ("INC-2", False), ("INC-", False), ("\uff11", False)],
)
async def test_an_incident_is_found_by_the_name_people_say(database, name, found):
    await open_incident(database)
    async with database.read() as session:
        assert (await incident_service.get_incident_by_ref(session, "T1", name) is not None) is found


async def test_the_list_is_paged_and_filtered(database):
    ids = [await open_incident(database, title=f"incident {n}") for n in range(5)]
    async with database.write() as session:
        incident = await incident_service.get_incident(session, ids[0])
        await incident_service.resolve_incident(session, incident, actor="U", source="api")
        await session.commit()
    async with database.read() as session:
        second = await incident_service.list_incidents(session, page=2, per_page=2)
        still_open = await incident_service.list_incidents(session, page=1, per_page=10, status="open")
        resolved = await incident_service.list_incidents(session, page=1, per_page=10, status="resolved")
        with pytest.raises(UnknownStatus):
            await incident_service.list_incidents(session, page=1, per_page=10, status="on fire")
    assert [i.title for i in second.items] == ["incident 2", "incident 1"]
    assert (second.total, still_open.total, [i.id for i in resolved.items]) == (5, 4, [ids[0]])

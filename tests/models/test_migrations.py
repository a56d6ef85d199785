"""One set of migrations for both databases; it leads to what the models say, and back."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

import migrations
from bot.app import migrate
from migrations.env_filter import is_ours
from models.base import Base
from models.database import Database

pytestmark = pytest.mark.asyncio


async def tables(database):
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def move(database, direction, revision):
    def to_revision(sync):
        config = migrations.configuration()
        config.attributes["connection"] = sync
        direction(config, revision)

    async with database.engine.begin() as connection:
        await connection.run_sync(to_revision)


async def downgrade(database):
    await move(database, command.downgrade, "base")


async def test_upgrading_leads_to_the_models_and_downgrading_back(database_url):
    database = Database(database_url)
    assert not await migrations.is_current(database)
    await migrations.upgrade(database)
    assert await migrations.is_current(database)
    assert set(Base.metadata.tables) <= await tables(database)
    await downgrade(database)
    assert await tables(database) <= {"alembic_version"}
    await migrations.upgrade(database)
    assert set(Base.metadata.tables) <= await tables(database)
    await database.close()


async def test_the_migrations_and_the_models_say_the_same(database):
    def differences(sync):
        context = MigrationContext.configure(sync, opts={"include_name": is_ours, "compare_type": True})
        return compare_metadata(context, Base.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_durable_engines_tables_are_beside_ours_and_not_ours(migrated_sqlite_url):
    database = Database(migrated_sqlite_url)
    assert {"workflow_status", "queues"} <= await tables(database)
    assert not is_ours("workflow_status", "table", {})
    assert is_ours("incident", "table", {})
    await database.close()


async def test_migrating_twice_changes_nothing(database):
    await migrate(database)
    assert await migrations.is_current(database)


JUDGED_BEFORE = """
    INSERT INTO incident (id, workspace, number, title, summary, severity, status, created_at, updated_at, version)
    VALUES ('i', 'T1', 1, 'title', '', 'unset', 'triggered', '2026-03-01 10:00:00', '2026-03-01 10:00:00', 1);
    INSERT INTO triage_run (id, incident_id, requested_by, state, attempt, engine_version, progress_bytes,
                            progress_total_bytes, progress_lines, queued_at, finished_at)
    VALUES ('r', 'i', 'U1', 'succeeded', 1, '0.1.0', 0, 0, 0, '2026-03-01 10:00:00', '2026-03-01 10:00:09');
    INSERT INTO finding (id, run_id, rank, title, kind, verdict, confidence, evidence, feedback, feedback_by)
    VALUES ('f1', 'r', 1, 'title', 'lock', 'likely', 0.5, '[]', 'right', 'U2');
    INSERT INTO finding (id, run_id, rank, title, kind, verdict, confidence, evidence)
    VALUES ('f2', 'r', 2, 'title', 'lock', 'likely', 0.5, '[]');
"""


async def rows(database, query):
    async with database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_opinions_on_findings_survive_the_way_up_and_down(database_url):
    database = Database(database_url)
    await move(database, command.upgrade, "0001")
    async with database.engine.begin() as connection:
        for statement in JUDGED_BEFORE.split(";")[:-1]:
            await connection.execute(text(statement))
    await migrations.upgrade(database)
    given = await rows(database, 'SELECT finding_id, "user", opinion, engine_version, given_at FROM finding_feedback')
    assert [row[:4] for row in given] == [("f1", "U2", "right", "0.1.0")]
    assert str(given[0][4]).startswith("2026-03-01 10:00:09")
    assert len(await rows(database, "SELECT id FROM finding")) == 2
    await move(database, command.downgrade, "0001")
    kept = await rows(database, "SELECT id, feedback, feedback_by FROM finding ORDER BY id")
    assert kept == [("f1", "right", "U2"), ("f2", None, None)]
    await database.close()


SENT_BEFORE = """
    INSERT INTO outbox_message (id, key, kind, channel, thread_ts, payload, message_ts, revision, delivered_revision,
                                state, attempts, retry_at, created_at)
    VALUES ('01B', 'second', 'reply', 'C1', '1.1', '{"text": "two"}', NULL, 1, 0,
            'sending', 1, '2026-03-01 10:01:00', '2026-03-01 10:00:00');
    INSERT INTO outbox_message (id, key, kind, channel, thread_ts, payload, message_ts, revision, delivered_revision,
                                state, attempts, retry_at, created_at)
    VALUES ('01A', 'first', 'reply', 'C1', '1.1', '{"text": "one"}', '1.2', 1, 1,
            'delivered', 0, '2026-03-01 10:00:00', '2026-03-01 10:00:00');
"""


async def test_messages_keep_their_order_and_their_doubt_on_the_way_up_and_down(database_url):
    database = Database(database_url)
    await move(database, command.upgrade, "0003")
    async with database.engine.begin() as connection:
        for statement in SENT_BEFORE.split(";")[:-1]:
            await connection.exec_driver_sql(statement)
    await move(database, command.upgrade, "0004")
    kept = "SELECT id, key, thread, state, in_doubt_since IS NOT NULL, message_ts FROM outbox_message ORDER BY id"
    assert await rows(database, kept) == [
        (1, "first", "C1:1.1", "delivered", False, "1.2"),
        (2, "second", "C1:1.1", "pending", True, None),
    ]
    await move(database, command.downgrade, "0003")
    lowered = await rows(database, "SELECT id, key, state FROM outbox_message ORDER BY id")
    assert lowered == [(f"{1:026}", "first", "delivered"), (f"{2:026}", "second", "pending")]
    await database.close()

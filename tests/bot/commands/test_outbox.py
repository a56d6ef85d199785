"""`triage outbox`, as people run it: a table, one message, sending again; on both databases, beside a running bot."""

import asyncio

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from bot.cli import main
from models.database import Database
from models.messaging import MessageKind, OutboxMessage, OutboxState
from services.notifications import outbox
from services.notifications.dispatcher import OutboxDispatcher
from tests.bot.commands.bot_process import triage
from tests.services.notifications.outbox_at_work import RememberingNotifier, deliver_all, open_with_replies, row_of
from tests.support.running_bot import eventually

WHY = "is_archived: Unarchive the channel."


async def with_messages(url, **states):
    """A message of each name in its state."""
    database = Database(url)
    async with database.write() as session:
        for name in states:
            await outbox.send(session, kind=MessageKind.REPLY, key=name, channel="C1", thread_ts="1.1", text="hello")
        for name, state in states.items():
            error = WHY if state == OutboxState.DEAD else None
            named = update(OutboxMessage).where(OutboxMessage.key == name)
            await session.execute(named.values(state=state, last_error=error, attempts=3 if error else 0))
        await session.commit()
    await database.close()


async def states(url):
    database = Database(url)
    async with database.read() as session:
        rows = await session.execute(OutboxMessage.__table__.select().order_by(OutboxMessage.id))
        found = {row.key: row.state for row in rows}
    await database.close()
    return found


def run(tmp_path, url, *words, status=0):
    ran = CliRunner().invoke(main, ["outbox", *words], env={"DATABASE_URL": url, "TRIAGE_DATA_DIR": str(tmp_path)})
    assert ran.exit_code == status, ran.output
    return ran.stdout if status == 0 else ran.stderr


def test_the_table_shows_the_newest_first_and_why(tmp_path, migrated_url):
    asyncio.run(with_messages(migrated_url, first="delivered", second="dead"))
    lines = [line.split(maxsplit=7) for line in run(tmp_path, migrated_url, "list").splitlines()]
    assert lines[0][:3] == ["id", "state", "age"]
    assert [(line[0], line[1], line[6]) for line in lines[1:]] == [("2", "dead", "second"), ("1", "delivered", "first")]
    assert lines[1][7] == WHY
    only = run(tmp_path, migrated_url, "list", "--state", "dead", "--limit", "1")
    assert [line.split()[0] for line in only.splitlines()] == ["id", "2"]


def test_an_empty_outbox_is_said(tmp_path, migrated_sqlite_url):
    in_a_process = triage("outbox", "list", cwd=tmp_path, DATABASE_URL=migrated_sqlite_url)
    assert (in_a_process.stdout, in_a_process.returncode) == ("There is no message yet.\n", 0)
    assert run(tmp_path, migrated_sqlite_url, "list", "--state", "dead") == "No message is dead.\n"
    assert run(tmp_path, migrated_sqlite_url, "resend", "--all-dead") == "No message is dead; nothing changed.\n"


def test_one_message_is_shown_whole_by_id_or_key(tmp_path, migrated_url):
    asyncio.run(with_messages(migrated_url, first="dead"))
    shown = run(tmp_path, migrated_url, "show", "first")
    assert shown == run(tmp_path, migrated_url, "show", "1")
    facts = dict(line.split(maxsplit=1) for line in shown.splitlines())
    assert (facts["key"], facts["payload"], facts["last_error"]) == ("first", '{"text": "hello"}', WHY)


def test_the_dead_are_sent_again_one_or_all(tmp_path, migrated_url):
    asyncio.run(with_messages(migrated_url, first="dead", second="dead", third="dead", fine="delivered"))
    assert run(tmp_path, migrated_url, "resend", "second") == "second will be sent again.\n"
    assert asyncio.run(states(migrated_url)) == {
        "first": "dead", "second": "pending", "third": "dead", "fine": "delivered",
    }  # fmt: skip
    assert run(tmp_path, migrated_url, "resend", "--all-dead") == "2 messages will be sent again.\n"
    assert list(asyncio.run(states(migrated_url)).values()) == ["pending"] * 3 + ["delivered"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("resend", "fine"), 1, "fine is delivered; nothing changed."),
        (("resend", "nobody"), 1, "There is no message nobody: `triage outbox list` shows them."),
        (("show", "99"), 1, "There is no message 99"),
        (("resend",), 2, "name one message by its ID or KEY, or say --all-dead"),
        (("resend", "fine", "--all-dead"), 2, "name one message by its ID or KEY, or say --all-dead"),
        (("list", "--state", "lost"), 2, "'lost' is not one of"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(*, tmp_path, migrated_sqlite_url, words, status, said):
    asyncio.run(with_messages(migrated_sqlite_url, fine="delivered"))
    assert said in run(tmp_path, migrated_sqlite_url, *words, status=status)


def test_a_database_that_is_not_there_is_said(tmp_path):
    said = run(tmp_path, "postgresql://nobody@127.0.0.1:9/nothing", "list", status=1)
    assert "DATABASE_URL cannot be used" in said


@pytest.mark.asyncio
async def test_a_running_bot_sends_what_is_to_be_sent_again(tmp_path, migrated_url):
    """The command has committed in a process of its own; the dispatcher, at work on the same database, finds it."""
    database = Database(migrated_url)
    notifier = RememberingNotifier()
    await open_with_replies(database)
    await deliver_all(OutboxDispatcher(database, notifier))
    async with database.write() as session:
        await session.execute(update(OutboxMessage).values(state=OutboxState.DEAD, last_error=WHY))
        await session.commit()
    running = asyncio.create_task(OutboxDispatcher(database, notifier).run())
    await asyncio.to_thread(run, tmp_path, migrated_url, "resend", "--all-dead")

    async def sent_again():
        return (await row_of(database, "card")).state == OutboxState.DELIVERED

    await eventually(sent_again)
    assert notifier.names() == ["card", "card"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()

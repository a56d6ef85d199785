"""However the bot ends, a triage under way ends with one report: stopping is no failure, and a crash repeats nothing."""

import signal

import pytest

from tests.bot.commands.bot_process import workspace_with_bot
from tests.support.workplace import text_of

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted, 20 of 20 in use\n" * 3
# Long enough to be caught in the middle of: some seconds of reading.
LONG_LOG = LOG + b"".join(
    b"2026-03-01 11:%02d:%02d INFO worker-%d: job %x done in %d ms\n" % (n // 60 % 60, n % 60, n % 9, n * 7919, n % 997)
    for n in range(900_000)
)


async def test_a_bot_at_rest_stops_at_once_and_well(tmp_path, migrated_url):
    async with workspace_with_bot(tmp_path, migrated_url) as (_, bot):
        assert await bot.stop() == 0
        assert "Traceback" not in bot.log


async def reading(bot):
    """The id of the run that is reading a file which is here already."""
    incidents = (await bot.get("/incidents"))["items"]
    runs = (await bot.get(f"/incidents/{incidents[0]['id']}/triage"))["items"]
    files = await bot.get(f"/incidents/{incidents[0]['id']}/logs")
    under_way = [run for run in runs if run["state"] == "running"]
    return under_way and all(file["state"] == "fetched" for file in files) and under_way[0]


async def fetching(bot):
    incidents = (await bot.get("/incidents"))["items"]
    runs = (await bot.get(f"/incidents/{incidents[0]['id']}/triage"))["items"]
    return any(run["state"] == "running" for run in runs)


async def the_one_report(place, bot, card):
    """The thread holds one triage and one report file, and the one run knows of no failure."""

    async def filed():
        thread = await place.messages(thread_ts=card["ts"])
        return [message for message in thread if "The whole report" in message["text"]] and thread

    await place.triage(card, saying="pool exhausted")
    thread = await place.until(filed)
    living = [message for message in thread if message["text"].startswith("Triage of")]
    files = [message for message in thread if "The whole report" in message["text"]]
    assert (len(living), len(files)) == (1, 1), [text_of(message)[:80] for message in thread]
    incident = (await bot.get("/incidents"))["items"][0]["id"]
    runs = (await bot.get(f"/incidents/{incident}/triage"))["items"]
    assert [(run["state"], run["error"]) for run in runs] == [("succeeded", None)]
    return runs[0]


ENDINGS = {
    "asked to stop": (signal.SIGTERM, False, 0),
    "its whole process group asked to stop": (signal.SIGTERM, True, 0),
    "interrupted from the keyboard": (signal.SIGINT, True, 0),
    "killed": (signal.SIGKILL, True, -signal.SIGKILL),
    "killed, its readers left behind": (signal.SIGKILL, False, -signal.SIGKILL),
}


async def cut_off_while_reading(tmp_path, url, ending):
    number, group, status = ENDINGS[ending]
    async with workspace_with_bot(tmp_path, url) as (place, bot):
        card = await place.open_incident()
        await place.upload(("app.log", LONG_LOG), thread_ts=card["ts"])
        await place.until(lambda: reading(bot))
        assert await bot.stop(number, group=group) == status
        assert not any("failed" in text for text in await place.thread_texts(card))
        await bot.start()
        run = await the_one_report(place, bot, card)
        assert run["attempt"] == (1 if status == 0 else 2)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_triage_cut_off_while_reading_ends_with_one_report(tmp_path, migrated_sqlite_url, ending):
    await cut_off_while_reading(tmp_path, migrated_sqlite_url, ending)


@pytest.mark.parametrize("ending", ["asked to stop", "killed"])
async def test_on_postgres_too(tmp_path, migrated_postgres_url, ending):
    await cut_off_while_reading(tmp_path, migrated_postgres_url, ending)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_triage_cut_off_while_fetching_ends_with_one_report(tmp_path, migrated_sqlite_url, number):
    async with workspace_with_bot(tmp_path, migrated_sqlite_url) as (place, bot):
        card = await place.open_incident()
        place.sandbox.faults.add("download", "slow", seconds=30.0)
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        await place.until(lambda: fetching(bot))
        await bot.stop(number)
        uploads = tmp_path / "state" / "artifacts" / "uploads"
        assert [path for path in uploads.glob("*/*") if "#" not in path.name] == []
        await place.http.delete("/people/faults")  # it may have been ended before the download had begun
        await bot.start()
        await the_one_report(place, bot, card)
        assert [path.read_bytes() for path in uploads.glob("*/*")] == [LOG]

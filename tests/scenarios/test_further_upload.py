"""A further upload says once what it changed, though the bot is killed while it reads or while it speaks."""

import signal

import pytest

from tests.bot.commands.bot_process import workspace_with_bot

pytestmark = pytest.mark.asyncio

API = b"".join(b"2026-03-01 10:%02d:%02d INFO web: GET /cart 200 in 7 ms\n" % (n // 60, n % 60) for n in range(900))
FAILING = API + b"2026-03-01 10:15:07 ERROR pool: connection pool exhausted, 20 of 20 in use\n" * 3


async def said(place, card):
    """The lines of the thread that say what changed."""
    return [text for text in await place.thread_texts(card) if text.startswith("Nothing new in `later.log`")]


async def speaking(place, _bot, card):
    return bool(await said(place, card))


async def taken_in(_place, bot, _card):
    incident = (await bot.get("/incidents"))["items"][0]["id"]
    return (await bot.get(f"/incidents/{incident}/triage"))["total"] == 2


@pytest.mark.parametrize("moment", [taken_in, speaking])
async def test_what_changed_is_said_once_though_the_bot_is_killed(tmp_path, migrated_sqlite_url, moment):
    async with workspace_with_bot(tmp_path, migrated_sqlite_url) as (place, bot):
        card = await place.open_incident()
        await place.upload(("first.log", FAILING), thread_ts=card["ts"])
        await place.triage(card, saying="pool exhausted")
        await place.upload(("later.log", API), thread_ts=card["ts"])
        await place.until(lambda: moment(place, bot, card))
        assert await bot.stop(signal.SIGKILL, group=True) == -signal.SIGKILL
        await bot.start()

        async def all_filed():
            texts = await place.thread_texts(card)
            return sum("The whole report" in text for text in texts) == 2 and texts

        await place.until(all_filed)
        assert len(await said(place, card)) == 1

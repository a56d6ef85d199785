"""The Stop button of the living message, pressed while Slack keeps the file to itself; then Re-run."""

import pytest

from tests.support.workplace import BOB, buttons_of, text_of, workplace

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:00:00 INFO fine\n" * 100 + b"2026-03-01 10:01:00 ERROR pool: connection pool exhausted\n"


async def test_a_triage_waits_for_slack_is_stopped_and_begun_again(tmp_path, migrated_sqlite_url):
    async with workplace(tmp_path, migrated_sqlite_url) as place:
        card = await place.open_incident()
        fault = place.sandbox.faults.add("download", "status", status=503, count=1_000)
        await place.upload(("app.log", LOG), thread_ts=card["ts"])

        async def waiting():
            messages = await place.messages(thread_ts=card["ts"])
            return next((m for m in messages if "it answered the download with status 503" in text_of(m)), None)

        message = await place.until(waiting)
        assert "Waiting to read" in text_of(message)
        assert buttons_of(message) == ["triage_stop"]
        assert (await place.press(message, "triage_stop", user=BOB))["ok"]
        stopped = await place.triage(card, saying="stopped by <@U0BOB>")
        place.sandbox.faults._faults.remove(fault)
        assert (await place.press(stopped, "triage_rerun"))["ok"]
        assert "app.log:101" in text_of(await place.triage(card, saying="app.log:101"))
        assert (await place.press(message, "triage_stop"))["ok"]  # on the old message, once more
        assert "nothing changed" in (await place.whisper("nothing changed", thread_ts=card["ts"]))["text"]

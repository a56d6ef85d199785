"""The picture in the thread, end to end: shown once by the living message, however the bot ends in between."""

import signal

import pytest
from playwright.async_api import async_playwright, expect

from tests.bot.commands.bot_process import workspace_with_bot
from tests.support.chromium import LAUNCH_OPTIONS
from tests.support.workplace import text_of, workplace

pytestmark = pytest.mark.asyncio

LOG = (
    b"".join(b"2026-03-01 10:%02d:%02d INFO web: GET /cart 200\n" % (n // 60, n % 60) for n in range(3_000))
    + b"2026-03-01 10:50:07 ERROR pool: connection pool exhausted, 20 of 20 in use\n" * 4
)


def images(message):
    return [block for block in message.get("blocks", []) if block["type"] == "image"]


async def with_picture(place, card):
    """The triage message, once it shows its picture and the report's file has come."""

    async def shown():
        thread = await place.messages(thread_ts=card["ts"])
        filed = any("The whole report" in message["text"] for message in thread)
        return filed and next((message for message in thread if images(message)), None)

    return await place.until(shown)


def uploads(place):
    return [
        file for file in place.sandbox.workspace.files._files.values() if file.completed and file.name.endswith(".png")
    ]


async def the_one_picture(place, card):
    message = await with_picture(place, card)
    thread = await place.messages(thread_ts=card["ts"])
    assert [len(images(each)) for each in thread if images(each)] == [1]
    assert [
        each["name"] for message in thread for each in message.get("files", []) if each["name"].endswith("png")
    ] == []
    (file,) = uploads(place)
    assert images(message)[0]["slack_file"] == {"id": file.id}
    return message


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_the_living_message_shows_the_picture_with_its_words(tmp_path, migrated_url, mode):
    async with workplace(tmp_path, migrated_url, mode=mode, sandbox={"processing_seconds": 0.5}) as place:
        card = await place.open_incident()
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        message = await the_one_picture(place, card)
        assert "Errors: at most 0 before it began, at most 4 at 10:50:00." in images(message)[0]["alt_text"]
        assert "app.log:3001" in text_of(message)


async def test_a_further_upload_replaces_the_picture(tmp_path, migrated_url):
    async with workplace(tmp_path, migrated_url) as place:
        card = await place.open_incident()
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        first = images(await with_picture(place, card))[0]["slack_file"]
        await place.upload(("more.log", LOG.replace(b"10:5", b"10:4")), thread_ts=card["ts"])

        async def replaced():
            pictures = images(await with_picture(place, card))
            return pictures[0]["slack_file"] != first

        await place.until(replaced)
        assert len(uploads(place)) == 2


# The call that is held for ever when the bot is killed, and how many calls of its kind come before: the log is looked up,
# and the report's two files go out first.
HELD = {"files.getUploadURLExternal": 2, "upload": 2, "files.completeUploadExternal": 1, "files.info": 1}


async def hold(place, method, *, after=0):
    """Let so many calls pass, and hold those that follow; a way to wait until one is held."""
    if after:
        place.sandbox.faults.add(method, "slow", seconds=0.0, count=after)
    held = place.sandbox.faults.add(method, "timeout", seconds=60.0, count=9)

    async def is_held():
        return held.count < 9

    return is_held


async def killed_and_started_again(place, bot):
    await bot.stop(signal.SIGKILL)
    await place.http.delete("/people/faults")
    await bot.start()


@pytest.mark.parametrize("method", HELD)
async def test_a_bot_killed_on_the_way_shows_one_picture_in_the_end(tmp_path, migrated_sqlite_url, method):
    async with workspace_with_bot(tmp_path, migrated_sqlite_url) as (place, bot):
        card = await place.open_incident()
        is_held = await hold(place, method, after=HELD[method])
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        await place.until(is_held)
        assert uploads(place) == [] or method == "files.info"
        await killed_and_started_again(place, bot)
        await the_one_picture(place, card)


async def test_a_bot_killed_between_the_upload_and_the_message_shows_one_picture(tmp_path, migrated_sqlite_url):
    async with workspace_with_bot(tmp_path, migrated_sqlite_url) as (place, bot):
        card = await place.open_incident()
        place.sandbox.faults.add("files.info", "slow", seconds=0.0)
        place.sandbox.faults.add("files.info", "slow", seconds=2.0)  # time to hold the edit that follows
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        assert images(await place.triage(card)) == []
        await place.until(await hold(place, "chat.update"))
        assert len(uploads(place)) == 1
        await killed_and_started_again(place, bot)
        await the_one_picture(place, card)


async def test_in_the_browser_it_is_a_picture_with_its_words(tmp_path, migrated_sqlite_url, chromium_path):
    async with workplace(tmp_path, migrated_sqlite_url) as place, async_playwright() as playwright:
        card = await place.open_incident()
        await place.upload(("app.log", LOG), thread_ts=card["ts"])
        await with_picture(place, card)
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=LAUNCH_OPTIONS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(f"{place.sandbox.url}/archives/{card['channel']}/p{card['ts'].replace('.', '')}")
        picture = page.get_by_test_id("message").filter(has_text="Triage of INC-1").locator(".block-image img")
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_attribute("alt", images(await with_picture(place, card))[0]["alt_text"])
        size = await picture.evaluate(
            "async image => { await image.decode(); return [image.naturalWidth, image.width] }"
        )
        assert size[0] == 1_440
        assert size[1] <= 360
        await browser.close()

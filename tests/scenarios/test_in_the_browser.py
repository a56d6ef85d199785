"""The newcomer's first try, in a real browser: the sandbox's page, the bot behind it, a log dropped in the thread."""

import pytest
from playwright.async_api import async_playwright, expect

from tests.support.chromium import LAUNCH_OPTIONS
from tests.support.workplace import workplace

pytestmark = pytest.mark.asyncio

LOG = (
    b"2026-03-01 10:00:00 INFO web: ok\n" * 200
    + b"2026-03-01 10:05:00 ERROR pool: <img src=x onerror=alert(1)> exhausted\n"
)


async def test_the_whole_loop_by_hand(tmp_path, migrated_sqlite_url, chromium_path):
    log = tmp_path / "app.log"
    log.write_bytes(LOG)
    async with workplace(tmp_path, migrated_sqlite_url) as place, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=LAUNCH_OPTIONS)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{place.sandbox.url}/")
        await page.get_by_test_id("composer").fill("/incident")
        await page.get_by_test_id("composer").press("Enter")
        modal = page.get_by_test_id("modal")
        await modal.locator("[data-block-id=title] input").fill("x")
        await page.get_by_test_id("modal-submit").click()
        await expect(modal.locator("[data-block-id=title]").get_by_test_id("field-error")).to_contain_text("too short")
        await modal.locator("[data-block-id=title] input").fill("checkout is failing")
        await page.get_by_test_id("modal-submit").click()
        await expect(modal).to_have_count(0)

        card = page.get_by_test_id("message").filter(has_text="checkout is failing").last
        await card.hover()
        await card.get_by_test_id("open-thread").click()
        await page.get_by_test_id("thread-file-input").set_input_files(log)
        await page.get_by_test_id("thread-composer").press("Enter")
        report = page.get_by_test_id("message").filter(has_text="Triage of INC-1")
        await expect(report).to_contain_text("app.log:201", timeout=30_000)
        await expect(report).to_contain_text("<img src=x onerror=alert(1)> exhausted")
        assert await page.locator("img[src=x]").count() == 0

        await page.locator("[data-action-id=incident_acknowledge]").first.click()
        await expect(card).to_contain_text("Acknowledged by")
        await browser.close()

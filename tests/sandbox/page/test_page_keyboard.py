"""The page without a mouse, and on a phone."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.sandbox.page.test_page_conversation import messages, replies, say

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOCUSED = "(name => document.activeElement.dataset[name] ?? '')"


async def focused(page, name="testid"):
    return await page.evaluate(FOCUSED, name)


async def tab_to(page, wanted, *, name="testid", key="Tab", within=60):
    for _ in range(within):
        await page.keyboard.press(key)
        if await focused(page, name) == wanted:
            return
    pytest.fail(f"{key} never reached {wanted}")


async def test_the_whole_loop_without_a_mouse(page, app):
    await page.keyboard.type("/inc")
    await expect(page.get_by_test_id("composer-completion")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("modal")).to_be_visible()
    assert await focused(page, "actionId") == "title"
    await page.keyboard.type("Checkout is down")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("modal")).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await page.keyboard.type("/incident Checkout is down")
    await page.keyboard.press("Enter")
    await expect(messages(page).last.locator("[data-action-id=ack]")).to_be_visible()
    await tab_to(page, "ack", name="actionId", key="Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(messages(page).last).to_contain_text("Acknowledged by @Alice")
    assert await focused(page, "actionId") == "ack"
    await tab_to(page, "open-thread")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("thread-composer")).to_be_focused()
    await page.keyboard.type("On it")
    await page.keyboard.press("Enter")
    await expect(replies(page).last).to_contain_text("On it")


async def test_tab_stays_inside_a_modal_and_focus_returns(page):
    await say(page, "/incident")
    await expect(page.get_by_test_id("modal")).to_be_visible()
    for key in ("Tab", "Shift+Tab"):
        for _ in range(25):
            await page.keyboard.press(key)
            assert await page.evaluate("document.activeElement.closest('[data-testid=modal]') !== null")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("modal")).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def test_arrows_move_in_menus_and_in_the_channel_list(page):
    await say(page, "The root")
    await tab_to(page, "message-menu", key="Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("menuitem").last).to_be_focused()
    await page.keyboard.press("Escape")
    assert await focused(page) == "message-menu"
    await page.get_by_test_id("channel-incidents").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#channel-name")).to_have_text("#payments")


async def test_walking_through_the_people_keeps_the_focus(page):
    await page.get_by_test_id("act-as").focus()
    async with page.expect_response("**/people/messages?user=U0BOB*"):
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_test_id("act-as")).to_have_value("U0CAROL")
    await expect(page.get_by_test_id("act-as")).to_be_focused()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(workspace, app, browser):
    context = await browser.new_context(
        viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    page = await context.new_page()
    await page.goto(workspace.url)
    yield page
    await context.close()


async def test_on_a_phone_there_is_one_column_with_a_way_back(phone, app):
    await app.client.chat_postMessage(channel="C0INCIDENTS", text="w" * 500)
    await expect(phone.get_by_test_id("channel-incidents")).to_be_hidden()
    await messages(phone).last.get_by_test_id("open-thread").tap()
    await expect(phone.get_by_test_id("dropzone")).to_be_hidden()
    await say(phone, "On it", "thread-composer")
    await expect(replies(phone).last).to_contain_text("On it")
    assert await phone.evaluate("document.documentElement.scrollWidth") == 360
    name, button = [await phone.locator(part).bounding_box() for part in (".brand-name", "#shortcuts")]
    assert name["x"] + name["width"] <= button["x"]
    await phone.get_by_role("button", name="Back to the channel", exact=True).tap()
    await expect(phone.get_by_test_id("dropzone")).to_be_visible()
    await phone.get_by_role("button", name="Back to the channels").tap()
    await expect(phone.get_by_test_id("channel-incidents")).to_be_visible()


async def test_on_a_phone_a_modal_fits_the_screen(phone):
    await say(phone, "/incident")
    box = await phone.get_by_test_id("modal").bounding_box()
    assert (box["x"], box["width"]) == (0, 360)
    await expect(phone.get_by_test_id("modal-submit")).to_be_in_viewport()

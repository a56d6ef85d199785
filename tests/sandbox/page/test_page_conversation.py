"""Channels, threads, messages and files, as a person uses them with a real app behind."""

import re

import pytest
from playwright.async_api import expect

from tests.sandbox.page.app import card

pytestmark = pytest.mark.asyncio(loop_scope="module")

DROP = """([testid, names]) => {
    const transfer = new DataTransfer();
    for (const name of names) transfer.items.add(new File([`the lines of ${name}`], name, { type: 'text/plain' }));
    const zone = document.querySelector(`[data-testid=${testid}]`);
    for (const kind of ['dragenter', 'dragover']) zone.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    const shown = getComputedStyle(zone.querySelector('.drop-overlay')).display;
    zone.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    return [shown, getComputedStyle(zone.querySelector('.drop-overlay')).display];
}"""

PASTE = """(composer) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(['x'], 'pasted.log', { type: 'text/plain' }));
    composer.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}"""


async def say(page, text, composer="composer"):
    await page.get_by_test_id(composer).fill(text)
    await page.get_by_test_id(composer).press("Enter")


def messages(page):
    return page.locator("#channel-messages").get_by_test_id("message")


def replies(page):
    return page.get_by_test_id("thread").get_by_test_id("message")


async def test_a_message_is_sent_with_enter_and_broken_with_shift_enter(page):
    await page.get_by_test_id("composer").press_sequentially("first")
    await page.get_by_test_id("composer").press("Shift+Enter")
    await page.get_by_test_id("composer").press_sequentially("second")
    await page.get_by_test_id("composer").press("Enter")
    await expect(messages(page).last.locator(".text")).to_have_text("first\nsecond", use_inner_text=True)
    await expect(page.get_by_test_id("composer")).to_have_value("")


async def test_a_thread_is_opened_answered_and_closed(page):
    await say(page, "The root")
    await messages(page).last.hover()
    await messages(page).last.get_by_test_id("open-thread").click()
    await expect(page.get_by_test_id("thread-composer")).to_be_focused()
    await say(page, "An answer", "thread-composer")
    await expect(replies(page)).to_have_count(2)
    await expect(messages(page).last.get_by_test_id("replies")).to_contain_text("1 reply")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("thread-dropzone")).to_be_hidden()
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def test_what_the_app_posts_edits_and_deletes_appears_live(page, app):
    posted = await app.client.chat_postMessage(channel="C0INCIDENTS", text="card", blocks=card("Checkout is down"))
    await expect(messages(page).last).to_contain_text("Checkout is down")
    await app.client.chat_update(channel="C0INCIDENTS", ts=posted["ts"], text="now *changed*")
    await expect(messages(page).last.locator("strong", has_text="changed")).to_be_visible()
    await expect(messages(page).last).to_contain_text("(edited)")
    await app.client.chat_delete(channel="C0INCIDENTS", ts=posted["ts"])
    await expect(page.locator(f'[data-ts="{posted["ts"]}"]')).to_have_count(0)


async def test_a_slash_command_and_a_button_reach_the_app(page, app):
    await say(page, "/incident Checkout is down")
    shown = messages(page).last
    await expect(shown.locator(".block-header")).to_have_text("Checkout is down")
    await shown.locator("[data-action-id=ack]").click()
    await expect(shown).to_contain_text("Acknowledged by @Alice")
    assert app.last("action")["actions"][0]["value"] == "1"


async def test_a_command_in_a_thread_is_refused_as_slack_does(page):
    await say(page, "The root")
    await messages(page).last.hover()
    await messages(page).last.get_by_test_id("open-thread").click()
    await say(page, "/incident again", "thread-composer")
    await expect(page.get_by_test_id("notice")).to_contain_text("do not work in threads")
    await expect(page.get_by_test_id("thread-composer")).to_have_value("/incident again")


async def test_confirm_asks_first_and_overflow_sends_its_option(page, app):
    await say(page, "/incident Checkout is down")
    shown = messages(page).last
    await shown.locator("[data-action-id=resolve]").click()
    await page.get_by_test_id("deny").click()
    await expect(page.get_by_test_id("confirm-dialog")).to_have_count(0)
    await shown.locator("[data-action-id=more]").click()
    async with page.expect_response("**/people/action"):
        await page.get_by_role("menuitem", name="Close").click()
    actions = [payload["actions"][0] for what, payload in app.heard if what == "action"]
    assert [(action["action_id"], action["selected_option"]["value"]) for action in actions] == [("more", "close")]


async def test_a_mention_is_completed_and_reaches_the_app(page, app):
    await page.get_by_test_id("composer").press_sequentially("@tri")
    await expect(page.get_by_test_id("composer-completion")).to_contain_text("@Triage")
    await page.keyboard.press("Enter")
    await page.keyboard.type("help & <more>")
    await page.keyboard.press("Enter")
    await expect(messages(page).last.locator(".mention")).to_have_text("@Triage")
    await expect(messages(page).last.locator(".text")).to_contain_text("help & <more>")
    assert app.last("mention")["text"] == "<@U0TRIAGEBOT> help &amp; &lt;more&gt;"


@pytest.mark.parametrize(("zone", "list_of"), [("dropzone", messages), ("thread-dropzone", replies)])
async def test_files_dropped_together_become_one_message(page, zone, list_of):
    await say(page, "The root")
    await messages(page).last.hover()
    await messages(page).last.get_by_test_id("open-thread").click()
    await expect(page.get_by_test_id("thread-composer")).to_be_focused()
    shown, hidden = await page.evaluate(DROP, [zone, ["app.log", "db.log"]])
    assert (shown, hidden) == ("flex", "none")
    await page.keyboard.type("the logs")
    await page.keyboard.press("Enter")
    sent = list_of(page).last
    await expect(sent.get_by_test_id("file")).to_have_count(2)
    await expect(sent).to_contain_text("the logs")
    async with page.expect_download() as download:
        await sent.get_by_test_id("file").first.click()
    assert (await (await download.value).path()).read_text() == "the lines of app.log"


async def test_a_failed_upload_gives_back_what_was_to_be_sent(page, complaints):
    await page.route("**/people/upload", lambda route: route.abort())
    await page.get_by_test_id("composer").evaluate(PASTE)
    await page.keyboard.type("the logs")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("notice")).to_contain_text("could not be reached")
    await expect(page.get_by_test_id("composer")).to_have_value("the logs")
    complaints.clear()  # the browser reports the aborted request
    await page.unroute("**/people/upload")
    await page.keyboard.press("Enter")
    await expect(messages(page).last.get_by_test_id("file")).to_contain_text("pasted.log")
    await expect(messages(page).last).to_contain_text("the logs")


async def test_the_file_button_uploads_and_a_deleted_file_says_so(page):
    file = {"name": "../../<b>app</b>.log", "mimeType": "text/plain", "buffer": b"x" * 2048}
    await page.get_by_test_id("file-input").set_input_files([file])
    await page.get_by_test_id("composer-send").click()
    sent = messages(page).last
    await expect(sent.get_by_test_id("file")).to_contain_text("2.0 KB")
    await sent.hover()
    await sent.get_by_test_id("message-menu").click()
    await page.get_by_role("menuitem", name="Delete file").click()
    await expect(messages(page).last).to_contain_text("This file was deleted.")


async def test_ephemeral_messages_are_for_their_reader_alone(page):
    await say(page, "/incident private")
    await expect(messages(page).last).to_contain_text("Only visible to you")
    await expect(messages(page).last.locator("strong", has_text="this")).to_be_visible()
    await page.get_by_test_id("act-as").select_option(label="Bob")
    await expect(messages(page)).to_have_count(0)


async def test_acting_as_somebody_else(page):
    await page.get_by_test_id("act-as").select_option(label="Bob")
    await expect(page.get_by_test_id("act-as")).to_have_value("U0BOB")
    await say(page, "From Bob")
    await expect(messages(page).last.locator(".author")).to_have_text("Bob")


async def test_reactions_shortcuts_pins_and_deletion(page, app, workspace):
    await say(page, "The root")
    shown = messages(page).last
    await shown.hover()
    await shown.get_by_test_id("react").click()
    await page.locator("[data-emoji=eyes]").click()
    await expect(shown.locator(".reaction")).to_have_text("👀1")
    await shown.locator(".reaction").click()
    await expect(shown.locator(".reaction")).to_have_count(0)
    await shown.hover()
    await shown.get_by_test_id("message-menu").click()
    async with page.expect_response("**/people/shortcut"):
        await page.get_by_role("menuitem", name="Triage this message").click()
    assert app.last("shortcut")["message"]["text"] == "The root"
    await shown.hover()
    await shown.get_by_test_id("message-menu").click()
    await page.get_by_role("menuitem", name="Delete message").click()
    await page.get_by_test_id("confirm").click()
    await expect(messages(page)).to_have_count(0)


async def test_other_channels_are_marked_unread(page, app):
    await app.client.chat_postMessage(channel="C0PAYMENTS", text="look here")
    entry = page.get_by_test_id("channel-payments")
    await expect(entry.locator(".unread-mark")).to_be_visible()
    await entry.click()
    await expect(messages(page).last).to_contain_text("look here")
    await expect(entry.locator(".unread-mark")).to_have_count(0)


async def test_a_permalink_leads_to_the_thread_on_this_page(page, app):
    posted = await app.client.chat_postMessage(channel="C0PAYMENTS", text="the root")
    permalink = (await app.client.chat_getPermalink(channel="C0PAYMENTS", message_ts=posted["ts"]))["permalink"]
    await app.client.chat_postMessage(channel="C0INCIDENTS", text=f"see <{permalink}|there>")
    await page.get_by_role("link", name="there").click()
    await expect(replies(page).first).to_contain_text("the root")


async def test_a_permalink_opens_the_page_at_its_thread(page, app, tab):
    root = await app.client.chat_postMessage(channel="C0PAYMENTS", text="the root")
    reply = await app.client.chat_postMessage(channel="C0PAYMENTS", text="the answer", thread_ts=root["ts"])
    await tab.goto((await app.client.chat_getPermalink(channel="C0PAYMENTS", message_ts=reply["ts"]))["permalink"])
    await expect(page.locator("#channel-name")).to_have_text("#payments")
    await expect(replies(page)).to_have_text([re.compile("the root"), re.compile("the answer")])


async def test_the_app_is_invited_into_a_channel_it_is_not_in(page):
    await page.get_by_test_id("channel-general").click()
    await expect(page.get_by_test_id("channel-notice")).to_contain_text("Triage is not in #general")
    await page.get_by_test_id("invite").click()
    await expect(page.get_by_test_id("channel-notice")).to_be_hidden()


async def test_the_private_channel_is_there_for_its_members_and_the_app_is_invited_by_command(page, app):
    await page.get_by_test_id("channel-incidents-private").click()
    await expect(page.get_by_test_id("channel-notice")).to_contain_text("Triage is not in #incidents-private")
    await say(page, "/invite @Triage")
    await expect(page.get_by_test_id("channel-notice")).to_be_hidden()
    await app.client.chat_postMessage(channel="C0PRIVATE", text="here I am")
    await expect(messages(page).last).to_contain_text("here I am")
    await page.get_by_test_id("act-as").select_option(label="Carol")
    await expect(page.locator("#channel-name")).to_have_text("#incidents")
    await expect(page.get_by_test_id("channel-incidents-private")).to_have_count(0)
    await expect(messages(page)).to_have_count(0)


async def test_a_direct_message_is_listed_for_its_person_alone(page, app):
    posted = await app.client.chat_postMessage(channel="U0BOB", text="a word with you")
    await app.client.chat_postMessage(channel=posted["channel"], thread_ts=posted["ts"], text="and another")
    await expect(page.locator(".sidebar-heading")).to_have_text(["Channels", "App"])
    await page.get_by_test_id("act-as").select_option(label="Bob")
    await expect(page.locator(".sidebar-heading")).to_have_text(["Channels", "App", "Direct messages"])
    entry = page.get_by_test_id("channel-Triage")
    await expect(entry.locator(".unread-mark")).to_be_visible()
    await entry.click()
    await expect(page.locator("#channel-name")).to_have_text("Triage")
    await expect(messages(page).last).to_contain_text("a word with you")
    await messages(page).last.get_by_test_id("replies").click()
    await expect(page.locator("#thread-where")).to_have_text("Triage")
    await expect(replies(page).last).to_contain_text("and another")


async def test_an_archived_channel_can_only_be_read(page, workspace):
    workspace.workspace.archive(workspace.workspace.channels["C0INCIDENTS"], archived=True, by="U0BOB")
    await expect(page.get_by_test_id("channel-notice")).to_contain_text("archived")
    await expect(page.get_by_test_id("composer")).to_be_hidden()


async def test_a_deleted_root_leaves_its_thread(page):
    await say(page, "The root")
    await messages(page).last.hover()
    await messages(page).last.get_by_test_id("open-thread").click()
    await say(page, "An answer", "thread-composer")
    await messages(page).last.hover()
    await messages(page).last.get_by_test_id("message-menu").click()
    await page.get_by_role("menuitem", name="Delete message").click()
    await page.get_by_test_id("confirm").click()
    await expect(messages(page).last).to_contain_text("This message was deleted.")
    await expect(replies(page)).to_have_count(2)


async def test_the_banner_says_when_the_app_is_gone(workspace, tab):
    await tab.goto(workspace.url)
    await expect(tab.get_by_test_id("banner")).to_contain_text("Triage is not connected")


async def test_hostile_messages_stay_text_and_keep_the_layout(page, app):
    hostile = "<img src=x onerror=alert(1)> <script>alert(2)</script> <javascript:alert(3)|click> \u202egol.exe"
    page.on("dialog", lambda dialog: pytest.fail(f"the page ran {dialog.message}"))
    await app.client.chat_postMessage(channel="C0INCIDENTS", text=hostile)
    await say(page, "x" * 200_000)
    await app.client.chat_postMessage(channel="C0INCIDENTS", text="y", blocks=[{"type": "markdown", "text": hostile}])
    await expect(messages(page)).to_have_count(3)
    await expect(messages(page).first).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(messages(page).nth(1).get_by_text("Show more")).to_be_visible()
    assert await page.evaluate("document.querySelectorAll('#channel-messages :is(img, script, iframe)').length") == 0
    assert await page.evaluate("document.documentElement.scrollWidth") == 1280
    assert (
        await page.evaluate(
            "(pane => pane.scrollWidth - pane.clientWidth)(document.querySelector('#channel-scroller'))"
        )
        == 0
    )

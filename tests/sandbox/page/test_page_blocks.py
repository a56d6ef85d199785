"""Every kind of block and element is drawn, and works."""

import base64
import re

import pytest
from playwright.async_api import expect

from tests.sandbox.page.app import button, entry, option, plain
from tests.sandbox.page.test_page_conversation import messages

pytestmark = pytest.mark.asyncio(loop_scope="module")

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OPTIONS = [option("One", "1"), option("Two", "2")]
CHOICE = plain("Choose")


def text(words):
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": words, "style": {"bold": True}}]}


SHOWN = {
    "header": {"text": plain("Title :fire:")},
    "section": {
        "fields": [{"type": "mrkdwn", "text": "*left*"}, plain("right")],
        "accessory": button("Aside", "aside"),
    },
    "context": {"elements": [{"type": "mrkdwn", "text": "_small_"}]},
    "divider": {},
    "image": {"image_url": "https://pictures.example/x.png", "alt_text": "a chart"},
    "markdown": {"text": "## Heading\n- item"},
    "rich_text": {
        "elements": [text("bold"), {"type": "rich_text_list", "style": "ordered", "elements": [text("first")]}]
    },
    "table": {"rows": [[{"type": "raw_text", "text": "Head"}], [{"type": "raw_text", "text": "<b>cell</b>"}]]},
}
WORDS = {
    "header": "Title 🔥",
    "section": "left",
    "context": "small",
    "image": "not loaded",
    "markdown": "Heading",
    "rich_text": "first",
    "table": "<b>cell</b>",
}

ELEMENTS = {
    "static_select": {"options": OPTIONS, "placeholder": CHOICE},
    "multi_static_select": {"options": OPTIONS, "placeholder": CHOICE},
    "users_select": {"placeholder": CHOICE},
    "conversations_select": {"placeholder": CHOICE},
    "channels_select": {"placeholder": CHOICE},
    "radio_buttons": {"options": OPTIONS},
    "checkboxes": {"options": OPTIONS},
    "datepicker": {},
    "timepicker": {},
    "datetimepicker": {},
    "plain_text_input": {"multiline": True},
    "number_input": {"is_decimal_allowed": False},
    "email_text_input": {},
    "url_text_input": {},
}


async def test_every_block_is_drawn(page, app):
    blocks = [{"type": kind, **block} for kind, block in SHOWN.items()]
    await app.client.chat_postMessage(channel="C0INCIDENTS", text="fallback", blocks=blocks)
    shown = messages(page).last
    for kind, words in WORDS.items():
        await expect(shown.locator(f".block-{kind}")).to_contain_text(words)
    await expect(shown.locator(".block")).to_have_count(len(SHOWN))
    await expect(shown.locator(".unknown-block")).to_have_count(0)


async def test_every_element_is_drawn(page, app):
    await page.get_by_test_id("app-home").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Seen")
    blocks = [entry(kind, "Label", {"type": kind, **element}) for kind, element in ELEMENTS.items()]
    await app.client.views_publish(user_id="U0ALICE", view={"type": "home", "blocks": blocks})
    for kind in ELEMENTS:
        await expect(page.get_by_test_id("home").locator(f"[data-action-id={kind}]").first).to_be_visible()
    await expect(page.get_by_test_id("home").locator(".unknown-block")).to_have_count(0)


async def test_a_picture_of_this_sandbox_is_shown(page, app, workspace):
    uploaded = await app.client.files_getUploadURLExternal(filename="chart.png", length=len(PNG))
    await page.request.post(uploaded["upload_url"], data=PNG)
    await app.client.files_completeUploadExternal(files=[{"id": uploaded["file_id"]}])
    workspace.clock.advance(workspace.config.processing_seconds)
    block = {"type": "image", "slack_file": {"id": uploaded["file_id"]}, "alt_text": "errors a minute"}
    await app.client.chat_postMessage(channel="C0INCIDENTS", text="chart", blocks=[block])
    picture = page.get_by_role("img", name="errors a minute")
    await expect(picture).to_have_js_property("naturalWidth", 1)


async def test_a_choice_in_a_message_reaches_the_app_at_once(page, app):
    select = {"type": "static_select", "action_id": "severity", "placeholder": CHOICE, "options": OPTIONS}
    several = {"type": "multi_users_select", "action_id": "who", "placeholder": CHOICE}
    await app.client.chat_postMessage(
        channel="C0INCIDENTS",
        text="x",
        blocks=[
            {"type": "actions", "elements": [select]},
            {"type": "section", "text": plain("who"), "accessory": several},
        ],
    )
    async with page.expect_response(re.compile("people/action")):
        await messages(page).last.locator("select[data-action-id=severity]").select_option("2")
    assert app.last("action")["actions"][0]["selected_option"]["value"] == "2"
    await messages(page).last.locator("[data-action-id=who]").fill("carol")
    await expect(page.get_by_role("listbox").get_by_role("option", name="Carol")).to_be_visible()
    async with page.expect_response(re.compile("people/action")):
        await page.keyboard.press("Enter")
    assert app.last("action")["actions"][0]["selected_users"] == ["U0CAROL"]


async def test_an_unknown_block_says_its_type(page, workspace):
    channel = workspace.workspace.channels["C0INCIDENTS"]
    workspace.workspace.post(channel, "U0TRIAGEBOT", "x", blocks=[{"type": "novelty"}])
    await expect(messages(page).last).to_contain_text("novelty")

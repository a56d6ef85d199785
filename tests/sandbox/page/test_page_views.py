"""Modals, the app's home and the traffic inspector."""

import pytest
from playwright.async_api import expect
from slack_sdk.errors import SlackApiError

from sandbox.faults import ANSWER_KINDS, DELIVERY_KINDS, INTERACTION_KINDS, SOCKET_KINDS
from sandbox.server import SandboxConfig, running_sandbox
from tests.sandbox.page.app import modal
from tests.sandbox.page.test_page_conversation import say

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def open_modal(page):
    await say(page, "/incident")
    await expect(page.get_by_test_id("modal")).to_be_visible()


async def test_every_kind_of_field_arrives_as_slack_sends_it(page, app):
    await open_modal(page)
    await page.locator("[data-action-id=title]").fill("Checkout <down>")
    await page.locator("select[data-action-id=severity]").select_option(label="SEV2")
    await page.locator("[data-action-id=who]").fill("bo")
    await page.get_by_test_id("modal").get_by_role("option", name="Bob").click()
    await page.locator("[data-action-id=who]").press("Escape")
    await page.locator("[data-action-id=service]").fill("ch")
    await page.get_by_test_id("modal").get_by_role("option", name="Checkout").click()
    await page.get_by_label("Customers").check()
    await page.get_by_label("Security").check()
    await page.locator("[data-action-id=since]").fill("2026-01-31")
    async with page.expect_response("**/people/upload"):
        await page.locator("[data-action-id=logs]").set_input_files(
            [{"name": "app.log", "mimeType": "text/plain", "buffer": b"x"}]
        )
    await expect(page.locator(".file-field")).to_contain_text("app.log")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)
    values = {name: state[name] for name, state in app.last("view")["view"]["state"]["values"].items()}
    assert values["title"]["value"] == "Checkout <down>"
    assert values["severity"]["selected_option"]["value"] == "sev2"
    assert values["who"]["selected_users"] == ["U0BOB"]
    assert values["service"]["selected_option"]["value"] == "checkout"
    assert values["impact"]["selected_option"]["value"] == "customers"
    assert [option["value"] for option in values["tags"]["selected_options"]] == ["security"]
    assert values["since"]["selected_date"] == "2026-01-31"
    assert [file["name"] for file in values["logs"]["files"]] == ["app.log"]


async def test_errors_stand_under_their_fields(page):
    await open_modal(page)
    error = page.locator("[data-block-id=title]").get_by_test_id("field-error")
    await page.get_by_test_id("modal-submit").click()
    await expect(error).to_have_text("Please complete this required field.")
    await page.locator("[data-action-id=title]").fill("bad")
    await page.keyboard.press("Enter")
    await expect(error).to_have_text("That says <b>nothing</b>.")
    await expect(page.locator("[data-action-id=title]")).to_have_attribute("aria-invalid", "true")
    await page.locator("[data-action-id=title]").fill("good")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_a_pushed_view_lies_on_top_and_what_was_typed_below_is_kept(page):
    await open_modal(page)
    await page.locator("select[data-action-id=severity]").select_option(label="SEV1")
    await page.locator("[data-action-id=title]").fill("push")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_role("heading", name="Step two")).to_be_visible()
    await expect(page.locator("[data-action-id=title]")).to_have_value("")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", name="Open an incident")).to_be_visible()
    await expect(page.locator("[data-action-id=title]")).to_have_value("push")
    await expect(page.locator("select[data-action-id=severity]")).to_have_value("sev1")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_a_modal_closed_and_opened_again_at_once(page):
    for _ in range(3):
        await open_modal(page)
        await page.get_by_test_id("modal-close").click()
    await say(page, "what is typed at once is not lost")
    await expect(page.get_by_test_id("message").last).to_contain_text("what is typed at once")
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_an_updated_view_replaces_the_one_shown(page):
    await open_modal(page)
    await page.locator("[data-action-id=title]").fill("update")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_role("heading", name="Changed")).to_be_visible()


async def test_a_global_shortcut_opens_its_modal(page):
    await page.get_by_test_id("shortcuts").click()
    await page.get_by_role("menuitem", name="Open an incident").click()
    await expect(page.get_by_test_id("modal")).to_be_visible()
    await page.get_by_test_id("modal-close").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_the_home_tab_shows_what_the_app_publishes(page):
    await page.get_by_test_id("app-home").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Seen 1 times")
    await page.locator("[data-action-id=refresh]").click()
    await expect(page.get_by_test_id("home")).to_contain_text("Seen 2 times")


async def test_the_inspector_shows_deliveries_and_calls(page):
    await say(page, "/incident Checkout is down")
    await page.get_by_test_id("traffic").click()
    await page.get_by_test_id("traffic-filter").fill("chat.postMessage")
    await expect(page.get_by_test_id("traffic-entry")).to_have_count(1)
    await page.get_by_test_id("traffic-entry").click()
    await expect(page.get_by_test_id("traffic-detail")).to_contain_text('"text": "Checkout is down"')
    await page.get_by_test_id("traffic-filter").fill("/incident")
    await expect(page.get_by_test_id("traffic-entry").first).to_contain_text("→ app")


async def test_a_fault_is_added_strikes_and_is_gone(page, app):
    await page.get_by_test_id("traffic").click()
    await page.get_by_text("Faults on demand").click()
    await page.get_by_label("Target").fill("pins.add")
    await page.locator("#fault-kind").select_option("error")
    await page.get_by_label("Error code").fill("fatal_error")
    await page.get_by_test_id("fault-form").get_by_role("button", name="Add").click()
    await expect(page.get_by_test_id("fault-list")).to_contain_text("pins.add: error, 1 more")
    answer = await app.client._request(
        http_verb="POST",
        api_url=f"{app.client.base_url}pins.add",
        req_args={"headers": {"Authorization": f"Bearer {app.client.token}"}},
    )
    assert answer["data"]["error"] == "fatal_error"


@pytest.mark.parametrize(
    ("target", "kinds"),
    [
        ("delivery", DELIVERY_KINDS),
        ("interaction", INTERACTION_KINDS),
        ("socket", SOCKET_KINDS),
        ("download", ANSWER_KINDS),
    ],
)
async def test_the_form_offers_each_target_the_faults_it_knows(page, target, kinds):
    await page.get_by_test_id("traffic").click()
    await page.get_by_text("Faults on demand").click()
    await page.get_by_label("Target").fill(target)
    await expect(page.locator("#fault-kind option")).to_have_text(list(kinds))
    assert target in await page.locator("#fault-targets option").evaluate_all("each => each.map(({ value }) => value)")


async def test_a_trigger_made_to_expire_from_the_form(page, app):
    await page.get_by_test_id("traffic").click()
    await page.get_by_text("Faults on demand").click()
    await page.get_by_label("Target").fill("interaction")
    await page.locator("#fault-kind").select_option("expired_trigger")
    await page.get_by_test_id("fault-form").get_by_role("button", name="Add").click()
    await expect(page.get_by_test_id("fault-list")).to_contain_text("interaction: expired_trigger, 1 more")
    await say(page, "/incident Checkout is down")
    await expect(page.locator("#channel-messages").get_by_test_id("message")).to_have_count(1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await app.client.views_open(trigger_id=app.last("command")["trigger_id"], view=modal())


async def test_a_scope_is_taken_away_and_given_back(page, app):
    await page.get_by_test_id("traffic").click()
    await page.get_by_text("What the app may do").click()
    scope = page.get_by_test_id("scopes").get_by_label("reactions:write")
    await scope.uncheck()
    posted = await app.client.chat_postMessage(channel="C0INCIDENTS", text="here")
    with pytest.raises(SlackApiError, match="missing_scope"):
        await app.client.reactions_add(channel="C0INCIDENTS", timestamp=posted["ts"], name="eyes")
    await scope.check()
    await expect(page.get_by_test_id("scopes").get_by_label("reactions:write")).to_be_checked()


async def test_a_lost_sandbox_is_said_and_found_again(tab, complaints):
    async with running_sandbox(SandboxConfig(mode="socket")) as first:
        await tab.goto(first.url)
        await expect(tab.get_by_test_id("composer")).to_be_focused()
        port = int(first.url.rpartition(":")[2])
    await expect(tab.get_by_test_id("banner")).to_contain_text("The sandbox is not connected")
    async with running_sandbox(SandboxConfig(mode="socket", port=port)) as second:
        await expect(tab.get_by_test_id("banner")).not_to_contain_text("The sandbox is not connected")
        second.workspace.post(second.workspace.channels["C0INCIDENTS"], "U0BOB", "back again")
        await expect(tab.get_by_test_id("message").last).to_contain_text("back again")
        await tab.goto("about:blank")
    complaints.clear()  # the browser reports each refused connection

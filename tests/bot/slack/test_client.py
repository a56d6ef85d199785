"""The Web API client: who we are, and no retry behind the outbox's back."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.settings import SettingsError
from bot.slack.client import identify, make_client, open_session
from bot.slack.refusals import delivery_error
from services.errors import TransientDeliveryError
from tests.support.running_bot import settings_for
from tests.support.workplace import INCIDENTS

pytestmark = pytest.mark.asyncio


async def test_it_learns_who_it_is(slack):
    identity = await identify(slack.client)
    assert (identity.team_id, identity.user_id, identity.bot_id) == ("T0SANDBOX", "U0TRIAGEBOT", "B0TRIAGEBOT")


async def test_a_refused_token_is_named_with_its_fix(slack):
    slack.client.token = "xoxb-of-another-workspace"
    with pytest.raises(
        SettingsError, match=r"SLACK_BOT_TOKEN is refused by Slack \(invalid_auth\): copy it again"
    ) as e:
        await identify(slack.client)
    assert "of-another-workspace" not in str(e.value)


async def test_a_slack_that_cannot_be_reached_is_named_with_its_address(tmp_path):
    nobody = "http://127.0.0.1:9/api/"
    async with open_session() as session:
        client = make_client(settings_for(tmp_path, "", slack_bot_token="xoxb-1", slack_api_url=nobody), session)
        with pytest.raises(SettingsError, match=f"Slack cannot be reached at {nobody} .*TRIAGE_SLACK_API_URL"):
            await identify(client)


async def post(slack, **changes):
    return await slack.client.chat_postMessage(**{"channel": INCIDENTS, "text": "hello"} | changes)


@pytest.mark.parametrize("kind", ["reset", "lost", "status", "error"])
async def test_nothing_is_posted_again_by_itself(slack, kind):
    slack.fault("chat.postMessage", kind)
    with pytest.raises((SlackApiError, aiohttp.ClientError)):
        await post(slack)
    assert len(await slack.messages()) == (1 if kind == "lost" else 0)


async def test_it_does_not_wait_for_ever(slack, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.slack.client.TIMEOUT_SECONDS", 1)
    slack.fault("chat.postMessage", "timeout", seconds=60.0)
    async with open_session() as session:
        client = make_client(
            settings_for(tmp_path, "", slack_bot_token=slack.client.token, slack_api_url=slack.sandbox.api_url), session
        )
        with pytest.raises(TimeoutError) as failed:
            await client.chat_postMessage(channel=INCIDENTS, text="hello")
    assert type(delivery_error(failed.value)) is TransientDeliveryError

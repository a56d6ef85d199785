"""Each of Slack's answers ends clearly: tried again, given up with a sentence of what to do, or held until a token works."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.slack import refusals
from bot.slack.refusals import delivery_error
from services.errors import (
    CredentialsRefused,
    PermanentDeliveryError,
    RateLimited,
    ThreadGone,
    TransientDeliveryError,
)
from tests.support.workplace import INCIDENTS

pytestmark = pytest.mark.asyncio


def error(name):
    return "error", {"error": name}


LATER, NEVER, TOKEN = TransientDeliveryError, PermanentDeliveryError, CredentialsRefused
# What Slack may answer; what it means; and whether the message may be there all the same, or what is to be done.
MEANINGS = {
    "429": (("status", {"status": 429, "retry_after_seconds": 7}), RateLimited, 7.0),
    "ratelimited": (error("ratelimited"), RateLimited, refusals.DEFAULT_RETRY_AFTER_SECONDS),
    "500": (("status", {"status": 500}), LATER, True),
    "503": (("status", {"status": 503}), LATER, True),
    "internal_error": (error("internal_error"), LATER, True),
    "fatal_error": (error("fatal_error"), LATER, True),
    "service_unavailable": (error("service_unavailable"), LATER, True),
    "reset": (("reset", {}), LATER, True),
    "lost": (("lost", {}), LATER, True),
    "truncated": (("truncated", {}), LATER, True),
    "team_added_to_org": (error("team_added_to_org"), LATER, False),
    "message_limit_exceeded": (error("message_limit_exceeded"), LATER, False),
    "is_archived": (error("is_archived"), NEVER, "Unarchive the channel."),
    "channel_not_found": (error("channel_not_found"), NEVER, "`/invite @Triage`"),
    "restricted_action": (error("restricted_action"), NEVER, "Ask an admin"),
    "msg_too_long": (error("msg_too_long"), NEVER, "report it with the key"),
    "invalid_blocks": (error("invalid_blocks"), NEVER, "report it with the key"),
    "user_not_in_channel": (error("user_not_in_channel"), NEVER, "nothing to do"),
    "a_word_nobody_knows": (error("a_word_nobody_knows"), NEVER, "explains this word"),
    "missing_scope": (error("missing_scope"), NEVER, "the scopes of manifest.yml"),
    "thread_not_found": (error("thread_not_found"), ThreadGone, "nothing to do"),
    "token_revoked": (error("token_revoked"), TOKEN, "set SLACK_BOT_TOKEN"),
    "account_inactive": (error("account_inactive"), TOKEN, "set SLACK_BOT_TOKEN"),
    "invalid_auth": (error("invalid_auth"), TOKEN, "set SLACK_BOT_TOKEN"),
}


async def refusal_of_a_post(slack):
    with pytest.raises((SlackApiError, aiohttp.ClientError, TimeoutError)) as failed:
        await slack.client.chat_postMessage(channel=INCIDENTS, text="hello")
    return delivery_error(failed.value)


@pytest.mark.parametrize("answer", MEANINGS)
async def test_what_an_answer_means_for_a_message(slack, answer):
    (kind, needs), meaning, more = MEANINGS[answer]
    slack.fault("chat.postMessage", kind, **needs)
    refusal = await refusal_of_a_post(slack)
    assert type(refusal) is meaning
    if meaning is RateLimited:
        assert (refusal.retry_after_seconds, refusal.in_doubt) == (more, False)
    elif meaning is LATER:
        assert refusal.in_doubt is more
    else:
        assert more in refusal.advice
        assert str(refusal) == f"{answer}: {refusal.advice}"


async def test_every_sentence_says_one_thing_and_ends():
    for advice in (*refusals.ADVICE.values(), refusals.NEW_TOKEN, refusals.UNKNOWN):
        assert advice.endswith(".")
        assert len(advice) < 140


async def test_a_missing_scope_is_named(slack):
    slack.sandbox.access.scopes.remove("files:write")
    with pytest.raises(SlackApiError) as failed:
        await slack.client.files_getUploadURLExternal(filename="a.txt", length=1)
    refusal = delivery_error(failed.value)
    assert type(refusal) is PermanentDeliveryError
    assert refusal.advice == "Add the scope files:write under OAuth & Permissions and reinstall the app."


async def test_without_the_scope_to_post_nothing_at_all_can_be_said(slack):
    slack.sandbox.access.scopes.remove("chat:write")
    refusal = await refusal_of_a_post(slack)
    assert type(refusal) is CredentialsRefused
    assert "Add the scope chat:write" in refusal.advice


async def test_what_never_left_the_machine_is_in_no_doubt(slack):
    slack.client.base_url = "http://127.0.0.1:9/api/"
    refusal = await refusal_of_a_post(slack)
    assert (type(refusal), refusal.in_doubt) == (TransientDeliveryError, False)

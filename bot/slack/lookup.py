"""Finding a message whose post was never answered: Slack has it, or not, and the key in its metadata says which."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from services.notifications.notifier import Envelope

EVENT_TYPE = "triage_message"
PAGE_LIMIT = 200  # as Slack recommends
# Slack's clock stamps the messages and ours the attempt; ours may have been an hour off.
MARGIN = timedelta(hours=2)


def key_metadata(key: str) -> dict[str, Any]:
    """What a message carries so that it can be found."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


async def find_message(client: AsyncWebClient, envelope: Envelope) -> str | None:
    """The ts of the message if an earlier attempt posted it, but for the one that is to be replaced."""
    async for message in messages_since_doubt(client, envelope):
        payload = message.get("metadata", {}).get("event_payload", {})
        if payload.get("key") == envelope.key and message["ts"] != envelope.message_ts:
            return str(message["ts"])
    return None


async def messages_since_doubt(client: AsyncWebClient, envelope: Envelope) -> AsyncIterator[dict[str, Any]]:
    """What came since the first attempt in doubt where the envelope belongs: its thread, or the channel's roots.

    Nothing where there is no doubt.
    """
    if envelope.in_doubt_since is None:
        return
    cursor = None
    while True:
        answer = await _page(client, envelope, oldest=(envelope.in_doubt_since - MARGIN).timestamp(), cursor=cursor)
        for message in answer["messages"]:
            yield message
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return


async def _page(client: AsyncWebClient, envelope: Envelope, *, oldest: float, cursor: str | None) -> Any:
    where: dict[str, Any] = {"channel": envelope.channel, "oldest": f"{oldest:.6f}", "limit": PAGE_LIMIT}
    if envelope.thread_ts is None:
        return await client.conversations_history(**where, cursor=cursor, include_all_metadata=True)
    return await client.conversations_replies(**where, ts=envelope.thread_ts, cursor=cursor, include_all_metadata=True)

"""conversations.*: channels and what is said in them."""

from sandbox.directory import BOT_USER_ID, Channel
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.rates import Tier
from sandbox.refusal import Refused
from sandbox.web_api.call import Call
from sandbox.web_api.method import Method

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_TYPES = {"channel": "public_channel", "group": "private_channel", "im": "im"}


def list_channels(call: Call) -> JsonObject:
    types = (call.text("types") or "public_channel").replace(" ", "").split(",")
    channels = [each for each in call.sandbox.workspace.channels_of(BOT_USER_ID) if _TYPES[each.kind] in types]
    if call.flag("exclude_archived"):
        channels = [channel for channel in channels if not channel.is_archived]
    page, next_cursor = call.page(channels)
    return {"channels": [channel.as_slack() for channel in page], "response_metadata": {"next_cursor": next_cursor}}


def show(call: Call) -> JsonObject:
    channel = call.channel()
    call.sandbox.access.require_scope(channel.scope("read"))
    return {"channel": channel.as_slack()}


def history(call: Call) -> JsonObject:
    channel = call.readable_channel()
    roots = [each for each in call.sandbox.workspace.messages.roots(channel.id) if not each.ephemeral_to]
    return _messages(call, _within(call, roots)[::-1]) | {"pin_count": len(channel.pins)}


def replies(call: Call) -> JsonObject:
    channel = call.readable_channel()
    ts = call.required("ts")
    asked = call.sandbox.workspace.messages.find_public(channel.id, ts)
    if asked is None:
        raise Refused("thread_not_found")
    thread = call.sandbox.workspace.messages.thread(channel.id, ts)
    root, *rest = [each for each in thread if not each.ephemeral_to]
    return _messages(call, [root, *_within(call, rest)])


def join(call: Call) -> JsonObject:
    channel = call.channel()
    if channel.is_im or channel.is_private:
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    if BOT_USER_ID in channel.members:
        return {"channel": channel.as_slack(), "warning": "already_in_channel"}
    call.sandbox.workspace.join(channel, BOT_USER_ID)
    return {"channel": channel.as_slack()}


def open_direct(call: Call) -> JsonObject:
    if call.text("channel"):
        channel = call.channel()
    else:
        users = call.required("users").split(",")
        if len(users) > 1:
            raise Refused("too_many_users")
        channel = call.direct_conversation(users[0])
    return {"channel": channel.as_slack() if call.flag("return_im") else {"id": channel.id}}


def members(call: Call) -> JsonObject:
    channel: Channel = call.channel()
    call.sandbox.access.require_scope(channel.scope("read"))
    page, next_cursor = call.page(channel.members)
    return {"members": page, "response_metadata": {"next_cursor": next_cursor}}


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """Between `oldest` and `latest`, which belong to it only with `inclusive`."""
    oldest, latest, inclusive = call.text("oldest"), call.text("latest"), call.flag("inclusive")
    kept = messages
    if oldest:
        kept = [each for each in kept if _seconds(each.ts) > _seconds(oldest) or (inclusive and each.ts == oldest)]
    if latest:
        kept = [each for each in kept if _seconds(each.ts) < _seconds(latest) or (inclusive and each.ts == latest)]
    return kept


def _seconds(ts: str) -> float:
    try:
        return float(ts)
    except ValueError as error:
        raise Refused("invalid_ts_latest") from error


def _messages(call: Call, messages: list[Message]) -> JsonObject:
    page, next_cursor = call.page(messages)
    with_metadata = call.flag("include_all_metadata")
    answer: JsonObject = {
        "messages": [message.as_slack(with_metadata=with_metadata) for message in page],
        "has_more": bool(next_cursor),
    }
    return answer | ({"response_metadata": {"next_cursor": next_cursor}} if next_cursor else {})


METHODS = (
    Method("conversations.list", list_channels, Tier.TWO, _READ),
    Method("conversations.info", show, Tier.THREE, _READ),
    Method("conversations.history", history, Tier.THREE, _HISTORY),
    Method("conversations.replies", replies, Tier.THREE, _HISTORY),
    Method("conversations.join", join, Tier.THREE, ("channels:join",)),
    Method("conversations.open", open_direct, Tier.THREE, ("im:write", "mpim:write")),
    Method("conversations.members", members, Tier.FOUR, _READ),
)

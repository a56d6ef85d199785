"""chat.*: posting, editing, deleting."""

from sandbox.directory import BOT_USER_ID, Channel
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.rates import Tier
from sandbox.refusal import Refused
from sandbox.web_api.call import Call
from sandbox.web_api.method import Method

# chat.postMessage cuts what is longer; chat.update refuses it much earlier.
POST_CHARACTERS = 40_000
UPDATE_CHARACTERS = 4_000
MARKDOWN_CHARACTERS = 12_000


def post_message(call: Call) -> JsonObject:
    channel = call.writable_channel()
    content = _Content(call)
    message = call.sandbox.workspace.post(
        channel,
        BOT_USER_ID,
        content.text[:POST_CHARACTERS],
        blocks=content.blocks,
        thread_ts=call.thread(channel),
        metadata=content.metadata,
        extra=content.attachments,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.as_slack(with_metadata=True)}


def update(call: Call) -> JsonObject:
    channel = call.channel()
    message = _own(call, channel, "cant_update_message")
    if channel.is_archived:
        raise Refused("is_archived")
    content = _Content(call)
    if len(content.text) > UPDATE_CHARACTERS:
        raise Refused("msg_too_long")
    call.sandbox.workspace.edit(message, text=content.text, blocks=content.blocks, metadata=content.metadata)
    shown = message.as_slack(with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": content.text, "message": shown}


def delete(call: Call) -> JsonObject:
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    call.sandbox.workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> JsonObject:
    channel = call.writable_channel()
    reader = call.required("user")
    if reader not in channel.members:
        raise Refused("user_not_in_channel")
    content = _Content(call)
    message = call.sandbox.workspace.post(
        channel,
        BOT_USER_ID,
        content.text[:POST_CHARACTERS],
        blocks=content.blocks,
        thread_ts=call.thread(channel),
        ephemeral_to=reader,
    )
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> JsonObject:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    permalink = f"{call.sandbox.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        permalink += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": permalink}


class _Content:
    """What a message says. Raises Refused("no_text") when that is nothing."""

    def __init__(self, call: Call) -> None:
        self.text = call.text("markdown_text") or call.text("text")
        if len(call.text("markdown_text")) > MARKDOWN_CHARACTERS:
            raise Refused("msg_too_long")
        self.blocks = call.blocks()
        attachments = call.structure("attachments", broken="invalid_attachments")
        self.attachments: JsonObject | None = {"attachments": attachments} if attachments else None
        self.metadata = _metadata(call)
        if not (self.text or self.blocks or attachments):
            raise Refused("no_text")


def _metadata(call: Call) -> JsonObject | None:
    metadata = call.structure("metadata", broken="invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if not metadata.get("event_type"):
        raise Refused("invalid_metadata_format")
    return metadata


def _own(call: Call, channel: Channel, otherwise: str) -> Message:
    message = call.message(channel, "ts")
    if message.body["user"] != BOT_USER_ID:
        raise Refused(otherwise)
    return message


METHODS = (
    Method("chat.postMessage", post_message, Tier.POSTING, ("chat:write",)),
    Method("chat.update", update, Tier.THREE, ("chat:write",)),
    Method("chat.delete", delete, Tier.THREE, ("chat:write",)),
    Method("chat.postEphemeral", post_ephemeral, Tier.FOUR, ("chat:write",)),
    Method("chat.getPermalink", get_permalink, Tier.UNLIMITED),
)

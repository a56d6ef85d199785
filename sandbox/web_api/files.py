"""files.*: the two calls around an upload, looking up, deleting."""

import asyncio
from typing import Any

from sandbox.directory import BOT_USER_ID, Channel
from sandbox.files import File
from sandbox.json_object import JsonObject
from sandbox.rates import Tier
from sandbox.refusal import Refused
from sandbox.shares import sharing
from sandbox.web_api.call import Call, invalid_arguments
from sandbox.web_api.method import Method

MOST_BYTES = 1024**3


def get_upload_url(call: Call) -> JsonObject:
    length = call.required("length")
    if not length.isdecimal() or int(length) == 0:
        raise invalid_arguments("must be a positive integer [json-pointer:/length]")
    if int(length) > MOST_BYTES:
        raise Refused("file_upload_size_restricted")
    files = call.sandbox.workspace.files
    file = files.create(call.required("filename"), user=BOT_USER_ID)
    return {"upload_url": files.issue_ticket(file), "file_id": file.id}


def complete_upload(call: Call) -> JsonObject:
    """The files are complete at once; looking at them and sharing them follows, so they have neither type nor shares
    here, as on Slack.
    """
    named = call.structure("files")
    if not isinstance(named, list) or not named:
        raise invalid_arguments("missing required field: files")
    channel = call.writable_channel("channel_id") if call.text("channel_id") else None
    thread_ts = call.thread(channel) if channel else None
    blocks = call.blocks()
    files = [_uploaded(call, each) for each in named]
    if channel is not None:
        sharing = _share(call, channel, files, thread_ts, blocks)
        call.sandbox.deliveries.start(sharing)
    return {"files": [call.sandbox.workspace.files.as_slack(file) | {"shares": {}} for file in files]}


def show(call: Call) -> JsonObject:
    files = call.sandbox.workspace.files
    file = files.get(call.required("file"))
    shown = files.as_slack(file) | sharing(call.sandbox.workspace, file)
    return {"file": shown, "comments": [], "response_metadata": {"next_cursor": ""}}


def delete(call: Call) -> JsonObject:
    file = call.sandbox.workspace.files.get(call.required("file"))
    if file.user != BOT_USER_ID:
        raise Refused("cant_delete_file")
    call.sandbox.workspace.delete_file(file)
    return {}


def _uploaded(call: Call, named: Any) -> File:
    file = call.sandbox.workspace.files.find(str(named.get("id"))) if isinstance(named, dict) else None
    if file is None or not file.received or file.user != BOT_USER_ID:
        raise Refused("file_not_found")
    file.title = str(named.get("title") or file.name)
    file.completed = True
    call.sandbox.workspace.files.process(file, seconds=call.sandbox.config.processing_seconds)
    return file


async def _share(
    call: Call, channel: Channel, files: list[File], thread_ts: str | None, blocks: list[JsonObject] | None
) -> None:
    await asyncio.sleep(call.sandbox.config.share_delay_seconds)
    call.sandbox.workspace.post(
        channel, BOT_USER_ID, call.text("initial_comment"), blocks=blocks, thread_ts=thread_ts, files=files
    )


METHODS = (
    Method("files.getUploadURLExternal", get_upload_url, Tier.FOUR, ("files:write",)),
    Method("files.completeUploadExternal", complete_upload, Tier.FOUR, ("files:write",)),
    Method("files.info", show, Tier.FOUR, ("files:read",)),
    Method("files.delete", delete, Tier.THREE, ("files:write",)),
)

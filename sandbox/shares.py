"""Where a file is shared, as files.info tells it."""

from sandbox.directory import BOT_USER_ID, Channel
from sandbox.files import File
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.workspace import Workspace

_NO_REPLIES: JsonObject = {"reply_users": [], "reply_users_count": 0, "reply_count": 0}
# The lists of channel ids a file has besides its shares, by the channel's kind.
_LISTS = {"channel": "channels", "group": "groups", "im": "ims"}


def sharing(workspace: Workspace, file: File) -> JsonObject:
    """`shares` by `public` and `private` and channel, and the lists `channels`, `groups`, `ims`; where the app is not
    let in, it learns nothing.
    """
    shares: JsonObject = {}
    lists: JsonObject = {name: [] for name in _LISTS.values()}
    for channel in workspace.channels_of(BOT_USER_ID):
        places = _places(workspace, channel, file)
        if places:
            shares.setdefault("public" if channel.is_public else "private", {})[channel.id] = places
            lists[_LISTS[channel.kind]].append(channel.id)
    return {"shares": shares} | lists


def _places(workspace: Workspace, channel: Channel, file: File) -> list[JsonObject]:
    found = [each for each in workspace.messages.in_channel(channel.id) if _shows(each, file)]
    return [_place(workspace, channel, message) for message in found]


def _shows(message: Message, file: File) -> bool:
    return any(each["id"] == file.id for each in message.body.get("files", []))


def _place(workspace: Workspace, channel: Channel, message: Message) -> JsonObject:
    """The message; its thread's counts, where it is in one."""
    root = workspace.messages.find(channel.id, message.thread_ts or message.ts) or message
    place = _NO_REPLIES | root.thread_summary() | {"ts": message.ts, "channel_name": channel.name}
    return place | {"team_id": workspace.team}

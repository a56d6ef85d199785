"""The messages of all channels, in Slack's shape."""

import copy
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.files import stub
from sandbox.json_object import JsonObject

# A client that has not redrawn yet lags a few edits behind, not many.
_VERSIONS_KEPT = 5


@dataclass
class Message:
    """`body` is what Slack shows of it, without what is derived (reply counts) or kept apart (metadata).

    `earlier` has what was shown before the last edits, the newest first.
    """

    channel: str
    ts: str
    body: JsonObject
    metadata: JsonObject | None = None
    ephemeral_to: str | None = None
    stubbed: bool = False  # the app gets check_file_info stubs in place of the files
    replies: list["Message"] = field(default_factory=list)
    earlier: deque[JsonObject] = field(default_factory=lambda: deque(maxlen=_VERSIONS_KEPT))

    @property
    def thread_ts(self) -> str | None:
        thread_ts: str | None = self.body.get("thread_ts")
        return thread_ts

    @property
    def is_tombstone(self) -> bool:
        """What is left of a deleted message that has replies."""
        return self.body.get("subtype") == "tombstone"

    def bury(self) -> None:
        kept = {key: self.body[key] for key in ("type", "thread_ts") if key in self.body}
        gone = {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.", "hidden": True}
        self.body = kept | gone
        self.metadata = None
        self.stubbed = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in (None, self.ts)

    def as_slack(self, *, with_metadata: bool = False) -> JsonObject:
        """A copy as the app gets it."""
        shown = self._shown(with_metadata=with_metadata)
        if self.stubbed:
            shown["files"] = [stub(file) for file in shown["files"]]
        return shown

    def replace(self, text: str, blocks: list[JsonObject] | None, *, edited_ts: str) -> None:
        """Show `text` and `blocks` from now on; None for `blocks` shows none."""
        self.earlier.appendleft(self.as_slack(with_metadata=True))
        self.body |= {"text": text, "edited": {"user": self.body["user"], "ts": edited_ts}}
        self.body.pop("blocks", None)
        if blocks:
            self.body["blocks"] = blocks

    def versions(self) -> list[JsonObject]:
        """As the app gets it, and as it was before: what a person may have before their eyes."""
        return [self.as_slack(with_metadata=True), *self.earlier]

    def as_seen(self) -> JsonObject:
        """For the page: with metadata, and to whom alone it is shown."""
        shown = self._shown(with_metadata=True) | {"channel": self.channel}
        return shown | ({"ephemeral_to": self.ephemeral_to} if self.ephemeral_to else {})

    def thread_summary(self) -> JsonObject:
        """What a thread's root says of its replies; nothing where there are none."""
        if not self.replies:
            return {}
        users = sorted({reply.body["user"] for reply in self.replies})
        counts = {"reply_count": len(self.replies), "reply_users": users, "reply_users_count": len(users)}
        return {"thread_ts": self.ts, "latest_reply": self.replies[-1].ts} | counts

    def _shown(self, *, with_metadata: bool) -> JsonObject:
        """A copy with reply counts on a thread's root."""
        shown = copy.deepcopy(self.body) | {"ts": self.ts} | self.thread_summary()
        if self.metadata is not None and with_metadata:
            shown["metadata"] = copy.deepcopy(self.metadata)
        return shown


class Messages:
    """All messages by channel, oldest first; ephemeral ones are among them and never go to the app."""

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, Message]] = {}

    def add(self, message: Message) -> None:
        self._channels.setdefault(message.channel, {})[message.ts] = message
        root = self.find(message.channel, message.thread_ts or "")
        if root is not None and root is not message and message.ephemeral_to is None:
            root.replies.append(message)

    def remove(self, message: Message) -> None:
        """A root with replies leaves a tombstone, as the thread goes on."""
        if message.replies:
            message.bury()
            return
        del self._channels[message.channel][message.ts]
        root = self.find(message.channel, message.thread_ts or "")
        if root is not None and message in root.replies:
            root.replies.remove(message)

    def find(self, channel: str, ts: str) -> Message | None:
        return self._channels.get(channel, {}).get(ts)

    def find_public(self, channel: str, ts: str) -> Message | None:
        """As the app finds it: an ephemeral message does not exist."""
        message = self.find(channel, ts)
        return None if message is None or message.ephemeral_to else message

    def in_channel(self, channel: str) -> Iterator[Message]:
        yield from self._channels.get(channel, {}).values()

    def roots(self, channel: str) -> list[Message]:
        return [each for each in self.in_channel(channel) if not each.is_reply]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The root first, then its replies (ephemeral ones among them)."""
        return [each for each in self.in_channel(channel) if ts in (each.ts, each.thread_ts)]

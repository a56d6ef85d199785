"""One call of the Web API: its arguments, read with Slack's refusals, and the sandbox it acts on."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from sandbox import block_kit
from sandbox.assembly import Sandbox
from sandbox.block_kit_rules import MESSAGE_CHARACTERS
from sandbox.directory import BOT_USER_ID, Channel
from sandbox.json_object import JsonObject
from sandbox.messages import Message
from sandbox.refusal import Refused
from sandbox.slack_files import picture_problems
from sandbox.workspace import Workspace

_DEFAULT_LIMIT = 100
_MOST_LIMIT = 1000


def invalid_arguments(sentence: str) -> Refused:
    return Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {sentence}"]})


@dataclass
class Call:
    sandbox: Sandbox
    method: str
    arguments: JsonObject

    # Arguments

    def required(self, name: str) -> str:
        """Raises Refused("invalid_arguments") where it is missing or empty."""
        value = self.text(name)
        if not value:
            raise invalid_arguments(f"missing required field: {name}")
        return value

    def text(self, name: str) -> str:
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("1", "true")

    def structure(self, name: str, broken: str = "invalid_arguments") -> Any:
        """A JSON value, which a form sends as text. Raises Refused(`broken`) when it is none."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as error:
            raise Refused(broken) from error

    def page(self, items: list[Any]) -> tuple[list[Any], str]:
        """The items that `limit` and `cursor` ask for, and the next cursor (empty at the end)."""
        start, limit = self._start(), self._limit()
        end = start + limit
        next_cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return items[start:end], next_cursor

    def _start(self) -> int:
        cursor = self.text("cursor")
        if not cursor:
            return 0
        try:
            return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
        except (binascii.Error, ValueError) as error:
            raise Refused("invalid_cursor") from error

    def _limit(self) -> int:
        given = self.text("limit")
        if given and not given.isdecimal():
            raise Refused("invalid_limit")
        return min(int(given or _DEFAULT_LIMIT) or _DEFAULT_LIMIT, _MOST_LIMIT)

    # What arguments name

    def channel(self, name: str = "channel") -> Channel:
        """The conversation with that id, or `#name`. Raises Refused("channel_not_found")."""
        given = self.text(name)
        for channel in self.sandbox.workspace.channels_of(BOT_USER_ID):
            if given == channel.id or (channel.name and given.removeprefix("#") == channel.name):
                return channel
        raise Refused("channel_not_found")

    def readable_channel(self) -> Channel:
        """Raises Refused: channel_not_found, missing_scope, not_in_channel."""
        channel = self.channel()
        self.sandbox.access.require_scope(channel.scope("history"))
        if BOT_USER_ID not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def writable_channel(self, name: str = "channel") -> Channel:
        """Where the app may post; a user's id stands for the direct conversation with them."""
        given = self.text(name)
        if given in self.sandbox.workspace.users:
            return self.direct_conversation(given)
        channel = self.channel(name)
        if channel.is_archived:
            raise Refused("is_archived")
        if BOT_USER_ID not in channel.members and not self._may_post_uninvited(channel):
            raise Refused("not_in_channel")
        return channel

    def _may_post_uninvited(self, channel: Channel) -> bool:
        return channel.is_public and self.sandbox.access.grants("chat:write.public")

    def direct_conversation(self, user: str) -> Channel:
        """The one with `user`, opened if need be. Raises Refused: user_not_found, cannot_dm_bot, user_disabled."""
        person = self.sandbox.workspace.users.get(user)
        if person is None:
            raise Refused("user_not_found")
        if person.is_bot:
            raise Refused("cannot_dm_bot")
        if not person.active:
            raise Refused("user_disabled")
        return self.sandbox.workspace.open_conversation(user)

    def thread(self, channel: Channel) -> str | None:
        """The `thread_ts` given, if any. Raises Refused("thread_not_found") where no root has it."""
        thread_ts = self.text("thread_ts")
        if not thread_ts:
            return None
        root = self.sandbox.workspace.messages.find_public(channel.id, thread_ts)
        if root is None:
            raise Refused("thread_not_found")
        if root.is_reply:
            raise Refused("cannot_reply_to_message")
        return thread_ts

    def message(self, channel: Channel, name: str) -> Message:
        """The message whose ts is in the argument `name`. Raises Refused("message_not_found")."""
        message = self.sandbox.workspace.messages.find_public(channel.id, self.required(name))
        if message is None or message.is_tombstone:
            raise Refused("message_not_found")
        return message

    def blocks(self) -> list[JsonObject] | None:
        """Raises Refused: invalid_blocks_format, invalid_blocks with every fault, msg_blocks_too_long."""
        blocks = self.structure("blocks", broken="invalid_blocks_format")
        if blocks is None or blocks == []:
            return None
        if not isinstance(blocks, list):
            raise Refused("invalid_blocks_format")
        return check_blocks(blocks, self.sandbox.workspace)


def check_blocks(blocks: list[Any], workspace: Workspace) -> list[JsonObject]:
    """`blocks` if a message may have them. Raises Refused: invalid_blocks, msg_blocks_too_long."""
    found = block_kit.message_problems(blocks) or [*picture_problems(blocks, workspace)]
    problems = [str(problem) for problem in found]
    if problems:
        messages = [f"[ERROR] {problem}" for problem in problems]
        raise Refused("invalid_blocks", errors=problems, response_metadata={"messages": messages})
    if block_kit.characters(blocks) > MESSAGE_CHARACTERS:
        raise Refused("msg_blocks_too_long")
    return blocks


def check_view(view: Any) -> JsonObject:
    """`view` if Slack would show it. Raises Refused("invalid_arguments") with every fault."""
    if not isinstance(view, dict):
        raise invalid_arguments("must provide an object [json-pointer:/view]")
    problems = [f"[ERROR] {problem}" for problem in block_kit.view_problems(view)]
    if problems:
        raise Refused("invalid_arguments", response_metadata={"messages": problems})
    return view

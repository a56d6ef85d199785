"""The workspace's state, and every way it changes.

Each change tells the page (Changes) and, where the app is there to see it, the app (an event).
"""

from collections.abc import Callable

from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.directory import (
    APP_ID,
    BOT_ID,
    BOT_USER_ID,
    Channel,
    User,
    founding_channels,
    founding_users,
)
from sandbox.files import File, Files
from sandbox.ids import Ids
from sandbox.json_object import JsonObject
from sandbox.messages import Message, Messages
from sandbox.views import Views

MENTION_OF_BOT = f"<@{BOT_USER_ID}>"


class Workspace:
    def __init__(
        self,
        *,
        team: str,
        bot_name: str,
        clock: Clock,
        ids: Ids,
        changes: Changes,
        files: Files,
        announce: Callable[[JsonObject], None],
    ) -> None:
        self.team = team
        self.bot_name = bot_name
        self.users: dict[str, User] = {user.id: user for user in founding_users(bot_name)}
        self.channels: dict[str, Channel] = {each.id: each for each in founding_channels(int(clock.now()))}
        self.messages = Messages()
        self.files = files
        self.views = Views(ids, team)
        self._clock = clock
        self._ids = ids
        self._changes = changes
        self._announce = announce

    # Messages

    def post(
        self,
        channel: Channel,
        user: str,
        text: str,
        *,
        blocks: list[JsonObject] | None = None,
        thread_ts: str | None = None,
        metadata: JsonObject | None = None,
        ephemeral_to: str | None = None,
        files: list[File] | None = None,
        stubbed: bool = False,
        extra: JsonObject | None = None,
    ) -> Message:
        """Add a message; with `files` it is a file_share, and each file is announced besides."""
        body: JsonObject = {"type": "message", "user": user, "text": text, "team": self.team}
        body |= self._bot_fields() if user == BOT_USER_ID else {"client_msg_id": self._ids.fresh(length=20)}
        body |= {"blocks": self.views.with_block_ids(blocks)} if blocks else {}
        body |= {"thread_ts": thread_ts, "parent_user_id": self._author(channel, thread_ts)} if thread_ts else {}
        body |= self._file_fields(channel, files) if files else {}
        body |= extra or {}
        message = Message(channel.id, self._ids.message_ts(), body, metadata, ephemeral_to, stubbed=stubbed)
        self.messages.add(message)
        self._announce_posted(channel, message)
        for file in files or []:
            self._announce_shared(channel, message, file)
        self.show_changed(message)
        return message

    def edit(
        self, message: Message, *, text: str, blocks: list[JsonObject] | None, metadata: JsonObject | None
    ) -> None:
        """Replace text and blocks; None for `blocks` removes them, None for `metadata` keeps it."""
        previous = message.as_slack()
        shown = self.views.with_block_ids(blocks) if blocks else None
        message.replace(text, shown, edited_ts=self._ids.message_ts())
        if metadata is not None:
            message.metadata = metadata
        if message.ephemeral_to is None:
            change = {"message": message.as_slack(), "previous_message": previous}
            self._announce_hidden(message, "message_changed", change)
        self.show_changed(message)

    def delete(self, message: Message) -> None:
        change = {"deleted_ts": message.ts, "previous_message": message.as_slack()}
        self._drop_pin(self.channels[message.channel], message)
        self.messages.remove(message)
        if message.ephemeral_to is None:
            self._announce_hidden(message, "message_deleted", change)
        self.show_changed(message)

    def show_changed(self, message: Message) -> None:
        self._changes.publish(
            "message",
            only=message.ephemeral_to,
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
        )

    # Reactions and pins

    def react(self, message: Message, user: str, name: str) -> bool:
        """False when `user` has reacted so already."""
        reactions = message.body.setdefault("reactions", [])
        reaction = next((each for each in reactions if each["name"] == name), None)
        if reaction is None:
            reaction = {"name": name, "users": [], "count": 0}
            reactions.append(reaction)
        if user in reaction["users"]:
            return False
        reaction["users"].append(user)
        self._reaction_changed("reaction_added", message, user, reaction)
        return True

    def take_back_reaction(self, message: Message, user: str, name: str) -> bool:
        """False when there is no such reaction of `user`."""
        for reaction in message.body.get("reactions", []):
            if reaction["name"] == name and user in reaction["users"]:
                reaction["users"].remove(user)
                self._reaction_changed("reaction_removed", message, user, reaction)
                return True
        return False

    def pin(self, channel: Channel, message: Message, user: str) -> None:
        pin = {"type": "message", "channel": channel.id, "created": int(self._clock.now()), "created_by": user}
        channel.pins.append(pin | {"ts": message.ts})
        message.body["pinned_to"] = [channel.id]
        self._announce_pin("pin_added", channel, message, user)

    def unpin(self, channel: Channel, message: Message, user: str) -> None:
        self._drop_pin(channel, message)
        self._announce_pin("pin_removed", channel, message, user)

    def _drop_pin(self, channel: Channel, message: Message) -> None:
        channel.pins = [pin for pin in channel.pins if pin["ts"] != message.ts]
        message.body.pop("pinned_to", None)

    # Channels and people

    def channels_of(self, user: str) -> list[Channel]:
        """Those that exist for `user`, or for the app."""
        return [channel for channel in self.channels.values() if channel.is_visible_to(user)]

    def join(self, channel: Channel, user: str, *, inviter: str | None = None) -> None:
        channel.members.append(user)
        event: JsonObject = {"type": "member_joined_channel", "user": user, "channel": channel.id, "team": self.team}
        event |= {"channel_type": "C" if channel.is_public else "G"} | ({"inviter": inviter} if inviter else {})
        self._announce_in(channel, event)
        self._changes.publish("channel", channel=channel.id)

    def open_conversation(self, user: str) -> Channel:
        """The direct conversation between `user` and the app."""
        for channel in self.channels.values():
            if channel.is_im and user in channel.members:
                return channel
        created = int(self._clock.now())
        channel = Channel(self._ids.fresh("D"), "", members=[user, BOT_USER_ID], is_im=True, created_seconds=created)
        self.channels[channel.id] = channel
        self._changes.publish("channel", channel=channel.id)
        return channel

    def archive(self, channel: Channel, *, archived: bool, by: str) -> None:
        channel.is_archived = archived
        kind = f"{channel.kind}_{'archive' if archived else 'unarchive'}"
        self._announce_in(channel, {"type": kind, "channel": channel.id, "user": by})
        self._changes.publish("channel", channel=channel.id)

    def set_active(self, user: User, *, active: bool) -> None:
        user.active = active
        self._announce({"type": "user_change", "user": user.as_slack(self.team), "event_ts": self._ids.message_ts()})
        self._changes.publish("channel")

    # Files and views

    def delete_file(self, file: File) -> None:
        """The bytes go; messages that share it keep a tombstone."""
        self.files.delete(file)
        for channel in self.channels:
            for message in self.messages.in_channel(channel):
                self._bury(message, file)
        self._announce({"type": "file_deleted", "file_id": file.id, "event_ts": self._ids.message_ts()})

    def show_views_changed(self, user: str, kind: str = "view") -> None:
        """`kind` is view (modals) or home."""
        self._changes.publish(kind, only=user)

    def home_opened(self, user: str) -> None:
        event: JsonObject = {"type": "app_home_opened", "user": user, "tab": "home"}
        event |= {"channel": self.open_conversation(user).id, "event_ts": self._ids.message_ts()}
        home = self.views.home(user)
        self._announce(event | ({"view": home} if home else {}))

    # What is told

    def _announce_posted(self, channel: Channel, message: Message) -> None:
        if message.ephemeral_to is not None:
            return
        event = message.as_slack() | {"channel_type": channel.kind}
        self._announce_in(channel, event | {"channel": channel.id}, ts=message.ts)
        mentioned = MENTION_OF_BOT in message.body["text"] and message.body["user"] != BOT_USER_ID
        if mentioned and not channel.is_im:
            mention = {key: value for key, value in message.as_slack().items() if key != "subtype"}
            self._announce_in(channel, mention | {"type": "app_mention", "channel": channel.id}, ts=message.ts)

    def _announce_shared(self, channel: Channel, message: Message, file: File) -> None:
        event = {"type": "file_shared", "file_id": file.id, "user_id": message.body["user"], "file": {"id": file.id}}
        self._announce_in(channel, event | {"channel_id": channel.id}, ts=message.ts)

    def _announce_hidden(self, message: Message, subtype: str, change: JsonObject) -> None:
        channel = self.channels[message.channel]
        event = {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": channel.id,
            "ts": self._ids.message_ts(),
        }
        self._announce_in(channel, event | {"channel_type": channel.kind} | change)

    def _reaction_changed(self, kind: str, message: Message, user: str, reaction: JsonObject) -> None:
        reaction["count"] = len(reaction["users"])
        message.body["reactions"] = [each for each in message.body["reactions"] if each["count"]]
        if not message.body["reactions"]:
            del message.body["reactions"]
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event = {
            "type": kind,
            "user": user,
            "reaction": reaction["name"],
            "item": item,
            "item_user": message.body["user"],
        }
        self._announce_in(self.channels[message.channel], event)
        self.show_changed(message)

    def _announce_pin(self, kind: str, channel: Channel, message: Message, user: str) -> None:
        item = {"type": "message", "channel": channel.id, "message": message.as_slack(), "created_by": user}
        self._announce_in(channel, {"type": kind, "user": user, "channel_id": channel.id, "item": item})
        self.show_changed(message)

    def _announce_in(self, channel: Channel, event: JsonObject, *, ts: str | None = None) -> None:
        if BOT_USER_ID in channel.members:
            self._announce(event | {"event_ts": ts or self._ids.message_ts()})

    def _author(self, channel: Channel, thread_ts: str) -> str | None:
        root = self.messages.find(channel.id, thread_ts)
        author: str | None = root.body["user"] if root else None
        return author

    def _bury(self, message: Message, file: File) -> None:
        shared = message.body.get("files", [])
        if any(each["id"] == file.id for each in shared):
            message.stubbed = False
            message.body["files"] = [self.files.as_slack(file) if each["id"] == file.id else each for each in shared]
            self.show_changed(message)

    def _bot_fields(self) -> JsonObject:
        profile = {"id": BOT_ID, "app_id": APP_ID, "name": self.bot_name, "deleted": False, "team_id": self.team}
        return {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": profile}

    def _file_fields(self, channel: Channel, files: list[File]) -> JsonObject:
        for file in files:
            file.is_public = file.is_public or channel.is_public
        objects = [self.files.as_slack(file) for file in files]
        return {"subtype": "file_share", "upload": True, "display_as_bot": False, "files": objects}

"""Who is in the workspace and which channels it has."""

from dataclasses import dataclass, field

from sandbox.json_object import JsonObject

BOT_USER_ID = "U0TRIAGEBOT"
BOT_ID = "B0TRIAGEBOT"
APP_ID = "A0TRIAGEAPP"
TEAM_NAME = "Sandbox"
TEAM_DOMAIN = "sandbox"


@dataclass
class User:
    id: str
    name: str
    real_name: str
    title: str = ""
    tz: str = "Europe/Berlin"
    tz_offset_seconds: int = 3600
    is_bot: bool = False
    active: bool = True

    def as_slack(self, team: str) -> JsonObject:
        first_name = self.real_name.split()[0]
        return {
            "id": self.id,
            "team_id": team,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": not self.active,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset_seconds,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_admin": False,
            "profile": self._profile(first_name),
        }

    def _profile(self, first_name: str) -> JsonObject:
        profile: JsonObject = {
            "real_name": self.real_name,
            "display_name": first_name if not self.is_bot else self.real_name,
            "title": self.title,
            "email": f"{self.name}@sandbox.example",
        }
        if self.is_bot:
            profile |= {"bot_id": BOT_ID, "api_app_id": APP_ID}
        return profile


@dataclass
class Channel:
    id: str
    name: str
    topic: str = ""
    purpose: str = ""
    members: list[str] = field(default_factory=list)
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False
    pins: list[JsonObject] = field(default_factory=list)
    created_seconds: int = 0

    @property
    def kind(self) -> str:
        """`channel_type` in events."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"

    @property
    def is_public(self) -> bool:
        return not (self.is_im or self.is_private)

    def is_visible_to(self, user: str) -> bool:
        """Whether it exists for `user`: private ones and direct messages do for their members alone."""
        return self.is_public or user in self.members

    def scope(self, right: str) -> str:
        """The scope that grants `right` (read, history, write) on a conversation of this kind."""
        return f"{'im' if self.is_im else 'groups' if self.is_private else 'channels'}:{right}"

    def as_slack(self) -> JsonObject:
        common: JsonObject = {"id": self.id, "created": self.created_seconds, "is_im": self.is_im, "is_mpim": False}
        if self.is_im:
            person = next(member for member in self.members if member != BOT_USER_ID)
            return {**common, "user": person, "is_archived": self.is_archived, "is_open": True}
        return {
            **common,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "is_member": BOT_USER_ID in self.members,
            "num_members": len(self.members),
            "creator": "U0ALICE",
            "topic": {"value": self.topic, "creator": "U0ALICE", "last_set": self.created_seconds},
            "purpose": {"value": self.purpose, "creator": "U0ALICE", "last_set": self.created_seconds},
        }


def founding_users(bot_name: str) -> list[User]:
    return [
        User("U0ALICE", "alice", "Alice Meyer", title="SRE, on call"),
        User("U0BOB", "bob", "Bob Okafor", title="Payments engineer"),
        User("U0CAROL", "carol", "Carol Jensen", title="Incident commander"),
        User("U0DAVE", "dave", "Dave Lindqvist", title="Database administrator"),
        User(BOT_USER_ID, bot_name.lower().replace(" ", "_"), bot_name, is_bot=True),
    ]


def founding_channels(created_seconds: int) -> list[Channel]:
    """The bot is in #incidents and #payments; in the others it is not until someone invites it."""
    people = ["U0ALICE", "U0BOB", "U0CAROL", "U0DAVE"]
    incidents = "Type /incident to open one, then drop the sample logs into its thread"
    private = "What only some may know; invite the app before you use it here"
    channels = [
        Channel("C0INCIDENTS", "incidents", topic=incidents, members=[*people, BOT_USER_ID]),
        Channel("C0PAYMENTS", "payments", topic="Checkout, cards, payouts", members=[*people, BOT_USER_ID]),
        Channel("C0GENERAL", "general", topic="Everyone", members=list(people)),
        Channel("C0PRIVATE", "incidents-private", topic=private, members=people[:2], is_private=True),
    ]
    for channel in channels:
        channel.created_seconds = created_seconds
    return channels

"""What people type, in Slack's references: `@bob` as `<@U0BOB>`."""

import re
from collections.abc import Iterable

from sandbox.directory import Channel, User

_MENTION = re.compile(r"(?<![<\w@])@(\w+)")
_ADDRESS = r"(?P<address>https?://[^\s<>|]*[^\s<>|.,;:!?)])"
_IN_COMMANDS = re.compile(rf"{_ADDRESS}|(?<![<\w@])@(?P<user>\w+)|(?<![<\w#&])#(?P<channel>[\w-]+)")


def with_mentions(text: str, users: Iterable[User]) -> str:
    """A message's text: `@name` by user name or by the first word of the shown name; names nobody has stay."""
    ids = {name: user.id for name, user in _by_name(users).items()}
    return _MENTION.sub(lambda found: f"<@{ids[name]}>" if (name := found[1].lower()) in ids else found[0], text)


def escaped_command(text: str, users: Iterable[User], channels: Iterable[Channel]) -> str:
    """A command's text where the manifest says should_escape: people and channels by id, a bar and their name;
    addresses in brackets.
    """
    people = {name: f"<@{user.id}|{user.name}>" for name, user in _by_name(users).items()}
    places = {channel.name: f"<#{channel.id}|{channel.name}>" for channel in channels if channel.name}

    def reference(found: re.Match[str]) -> str:
        if found["address"]:
            return f"<{found['address']}>"
        names = people if found["user"] else places
        return names.get((found["user"] or found["channel"]).lower(), found[0])

    return _IN_COMMANDS.sub(reference, text)


def _by_name(users: Iterable[User]) -> dict[str, User]:
    found: dict[str, User] = {}
    for user in users:
        found |= {user.name.lower(): user, user.real_name.split()[0].lower(): user}
    return found

"""What is sent to the app, and what comes back."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sandbox.json_object import JsonObject

Kind = Literal["events_api", "slash_commands", "interactive"]


@dataclass(frozen=True)
class Envelope:
    kind: Kind
    payload: JsonObject

    @property
    def summary(self) -> str:
        """What the traffic log calls it: the event's, command's or interaction's name."""
        if self.kind == "events_api":
            event = self.payload["event"]
            return ".".join(filter(None, (event["type"], event.get("subtype"))))
        return str(self.payload.get("command") or self.payload["type"])


@dataclass(frozen=True)
class Reply:
    """The app's acknowledgement with its body, or in `failure` Slack's word for why there was none."""

    status: int | str
    body: Any = None
    failure: str | None = None
    no_retry: bool = False


class Transport(Protocol):
    """How the app is reached."""

    async def send(self, envelope: Envelope, *, retry: int, reason: str | None) -> Reply:
        """Hand over `envelope` and wait for the acknowledgement. `retry` is 0 the first time."""
        ...

    @property
    def connected(self) -> bool:
        """Whether the app can be reached as far as the sandbox knows."""
        ...

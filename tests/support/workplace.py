"""A sandbox workspace with the bot in it, and people who use it over the sandbox's own HTTP API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from bot.commands.serving import bind
from sandbox.server import Sandbox, SandboxConfig, running_sandbox
from tests.support.running_bot import eventually, served, settings_for

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "U0CAROL"
INCIDENTS = "C0INCIDENTS"


@dataclass(frozen=True, slots=True)
class Workplace:
    """What the tests do, they do as people: through the page's API."""

    sandbox: Sandbox
    bot: FastAPI | None  # None where it runs in processes of its own
    http: httpx.AsyncClient

    async def command(self, text: str, *, user=ALICE, channel=INCIDENTS) -> dict[str, Any]:
        return await self._post("command", user=user, channel=channel, command="/incident", text=text)

    async def say(self, text: str, *, thread_ts=None, user=ALICE, channel=INCIDENTS) -> dict[str, Any]:
        body = {"user": user, "channel": channel, "text": text}
        return (await self._post("messages", **body, **({"thread_ts": thread_ts} if thread_ts else {})))["message"]

    async def upload(self, *files: tuple[str, bytes], thread_ts=None, user=ALICE, channel=INCIDENTS, stub=False) -> Any:
        form = {"user": user, "channel": channel, "text": ""}
        form |= {"thread_ts": thread_ts} if thread_ts else {}
        form |= {"stub": "1"} if stub else {}
        response = await self.http.post("/people/upload", data=form, files=[("file", file) for file in files])
        response.raise_for_status()
        return response.json()

    async def press(self, message, action_id, *, user=ALICE, value=None, channel=INCIDENTS) -> dict[str, Any]:
        body = {"user": user, "channel": channel, "ts": message["ts"], "action_id": action_id}
        body["block_id"] = next(
            block["block_id"]
            for block in message["blocks"]
            if any(element.get("action_id") == action_id for element in block.get("elements", []))
        )
        return await self._post("action", **body, **({"value": value} if value else {}))

    async def submit(self, view, values, *, user=ALICE) -> dict[str, Any]:
        return await self._post("view_submit", user=user, view_id=view["id"], values=values)

    async def messages(self, *, thread_ts=None, user=ALICE, channel=INCIDENTS) -> list[dict[str, Any]]:
        query = {"user": user, "channel": channel} | ({"thread_ts": thread_ts} if thread_ts else {})
        return (await self.http.get("/people/messages", params=query)).json()["messages"]

    async def modal(self, *, user=ALICE) -> dict[str, Any]:
        """The modal on top, as soon as there is one."""

        async def top():
            stack = (await self.http.get("/people/views", params={"user": user})).json()["stack"]
            return stack[-1] if stack else None

        return await eventually(top)

    async def card(self, *, status=None, title=None) -> dict[str, Any]:
        """The newest incident card, once it shows that status and title."""

        async def newest():
            cards = [m for m in await self.messages() if m.get("blocks") and m["text"].startswith("INC-")]
            card = cards[-1] if cards else None
            fits = (
                card and (status is None or f" {status}:" in card["text"]) and (title is None or title in card["text"])
            )
            return card if fits else None

        return await eventually(newest)

    async def triage(self, card, *, saying=None) -> dict[str, Any]:
        """The thread's triage message, once it is no longer reading (and says `saying`)."""

        async def finished():
            for message in await self.messages(thread_ts=card["ts"]):
                ended = any(block.get("block_id") == "triage_actions" for block in message.get("blocks", []))
                if ended and (saying is None or saying in text_of(message)):
                    return message
            return None

        return await eventually(finished)

    async def thread_texts(self, card) -> list[str]:
        return [text_of(message) for message in await self.messages(thread_ts=card["ts"])]

    async def until(self, check) -> Any:
        return await eventually(check)

    async def whisper(self, fragment: str, *, user=ALICE, thread_ts=None, channel=INCIDENTS) -> dict[str, Any]:
        """An ephemeral message to `user` that holds `fragment`, once it is there."""

        async def found():
            for message in await self.messages(user=user, thread_ts=thread_ts, channel=channel):
                if message.get("ephemeral_to") == user and fragment in message["text"]:
                    return message
            return None

        return await eventually(found)

    async def open_incident(self, title="checkout is failing sev1") -> dict[str, Any]:
        assert (await self.command(title))["ok"]
        return await self.card(title=title.removesuffix(" sev1"))

    async def _post(self, call: str, **body: Any) -> dict[str, Any]:
        return (await self.http.post(f"/people/{call}", json=body)).json()


def text_of(message) -> str:
    """Everything a message shows, blocks included, as one text."""
    parts = [message["text"]]
    for block in message.get("blocks", []):
        for element in [block, *block.get("elements", []), *block.get("fields", [])]:
            text = element.get("text", "")
            parts.append(text["text"] if isinstance(text, dict) else text)
    return "\n".join(parts)


def buttons_of(message) -> list[str]:
    return [e["action_id"] for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


@asynccontextmanager
async def workplace(tmp_path, database_url, *, mode="http", sandbox=None, **changes) -> AsyncIterator[Workplace]:
    """Start a workspace and the bot in it. `sandbox` and `changes` override their settings."""
    with bind("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        config = SandboxConfig(
            app_url=f"http://127.0.0.1:{port}/slack/events", mode=mode, **{"manifest": MANIFEST, **(sandbox or {})}
        )
        async with running_sandbox(config) as workspace:
            settings = settings_for(
                tmp_path,
                database_url,
                port=port,
                slack_bot_token=config.bot_token,
                slack_signing_secret=config.signing_secret,
                slack_app_token=config.app_token if mode == "socket" else "",
                slack_api_url=workspace.api_url,
                incident_channel=INCIDENTS,
                **changes,
            )
            async with served(settings, bound) as bot, httpx.AsyncClient(base_url=workspace.url, timeout=30) as http:
                yield Workplace(workspace, bot, http)

"""A workspace with the bot in it, as separate processes, for the benchmarks that go through Slack's door."""

import hashlib
import hmac
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bot.commands.demo import MANIFEST, SIGNING_SECRET, bot_environment, child, stop_on_signals, wait_until_ready
from bot.commands.serving import bind

ALICE, INCIDENTS = "U0ALICE", "C0INCIDENTS"
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Place:
    """The bot's and the workspace's addresses, and the bot's process id."""

    bot_url: str
    page_url: str
    bot_pid: int
    folder: Path
    http: httpx.Client

    def people(self, call: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post(f"/people/{call}", json=body).json()
        return answer

    def open_incident(self) -> str:
        """The thread of a new incident."""
        title = f"benchmark {uuid4().hex[:8]}"
        self.people("command", user=ALICE, channel=INCIDENTS, command="/incident", text=title)
        return str(
            wait_for(lambda: next((m["ts"] for m in self.messages() if title in m["text"] and "blocks" in m), None))
        )

    def upload(self, thread_ts: str, path: Path) -> dict[str, Any]:
        """The message and its files."""
        form = {"user": ALICE, "channel": INCIDENTS, "thread_ts": thread_ts, "text": ""}
        with path.open("rb") as log:
            answer: dict[str, Any] = self.http.post(
                "/people/upload", data=form, files={"file": (path.name, log)}
            ).json()
        return answer

    def messages(self, thread_ts: str | None = None) -> list[dict[str, Any]]:
        query = {"user": ALICE, "channel": INCIDENTS} | ({"thread_ts": thread_ts} if thread_ts else {})
        found: list[dict[str, Any]] = self.http.get("/people/messages", params=query).json()["messages"]
        return found


@contextmanager
def workspace(**settings: str) -> Iterator[Place]:
    """Start both, the bot with SQLite and these settings, and stop them at the end."""
    with stop_on_signals(), tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
        folder = Path(name)
        page_port, bot_port = free_port(), free_port()
        page, bot_url = f"http://127.0.0.1:{page_port}", f"http://127.0.0.1:{bot_port}"
        words = [
            "sandbox",
            "--port",
            str(page_port),
            "--app-url",
            f"{bot_url}/slack/events",
            "--manifest",
            str(MANIFEST),
        ]
        environment = bot_environment(page_port, bot_port, "http", folder) | settings
        with child("workspace", words, {}, folder) as sandbox:
            wait_until_ready(f"{page}/people/state", sandbox, folder / "workspace.log")
            with child("bot", ["bot.cli", "serve"], environment, folder) as bot:
                wait_until_ready(f"{bot_url}/readyz", bot, folder / "bot.log")
                with httpx.Client(base_url=page, timeout=300) as http:
                    yield Place(bot_url, page, bot.pid, folder, http)


@contextmanager
def bare_bolt(folder: Path) -> Iterator[tuple[str, int]]:
    """The address and process id of an app that does nothing."""
    port = free_port()
    environment = {"TRIAGE_PORT": str(port), "SLACK_SIGNING_SECRET": SIGNING_SECRET}
    with child("bare", ["benchmarks.bare_bolt"], environment, folder) as process:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", process, folder / "bare.log")
        yield f"http://127.0.0.1:{port}", process.pid


def free_port() -> int:
    with bind("127.0.0.1", 0) as bound:
        return int(bound.getsockname()[1])


def signed_upload_event(**facts: Any) -> tuple[bytes, dict[str, str]]:
    """A message with a picture outside any incident, unless `facts` say otherwise of the event."""
    event = {
        "type": "message",
        "subtype": "file_share",
        "user": ALICE,
        "channel": INCIDENTS,
        "ts": f"{time.time():.6f}",
        "files": [{"id": "F0PICTURE", "name": "cat.png", "filetype": "png"}],
    } | facts
    body = json.dumps(
        {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": f"Ev{uuid4().hex}", "event": event}
    )
    stamp = str(int(time.time()))
    signature = hmac.new(SIGNING_SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"content-type": "application/json", "x-slack-request-timestamp": stamp}
    return body.encode(), headers | {"x-slack-signature": f"v0={signature}"}


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a running process without its children, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(check: Any, within_seconds: float = 600) -> Any:
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"nothing within {within_seconds:.0f} s")

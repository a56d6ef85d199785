"""Ten thousand deliveries at the same moment: each is acknowledged or refused in time, and the bot stays well."""

import asyncio
import resource
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvloop
from rich.table import Table

from benchmarks.acknowledgement import percentile
from benchmarks.workspace import Place, cpu_seconds_of, signed_upload_event, workspace

DELIVERIES = 10_000
PATIENCE_SECONDS = 30.0  # far longer than Slack's three, so that the late ones are seen and counted
SLACK_SECONDS = 3.0
HEALTH_PAUSE_SECONDS = 0.1


@dataclass(slots=True)
class Answers:
    """Milliseconds of the answers by status, 0 where there was none; and what all of them cost the bot."""

    by_status: dict[int, list[float]] = field(default_factory=dict)
    cpu_seconds: float = 0.0

    def add(self, status: int, milliseconds: float) -> None:
        self.by_status.setdefault(status, []).append(milliseconds)


def run() -> Table:
    _allow_many_connections()
    table = Table(title=f"{DELIVERIES:,} signed events at once, each over a connection of its own that was open before")
    for column in ("answer", "deliveries", "p50 ms", "p99 ms", "slowest ms", f"later than {SLACK_SECONDS:.0f} s"):
        table.add_column(column, justify="right")
    with workspace() as place:
        before = _memory_mb(place.bot_pid, "VmRSS")
        answers, health = uvloop.run(_flood(place))
        peak = _memory_mb(place.bot_pid, "VmHWM")
        for status, times in sorted(answers.by_status.items()):
            table.add_row(str(status or "none"), f"{len(times):,}", *_figures(times))
        table.add_row("/healthz", f"{len(health):,}", *_figures(health))
        memory = (
            f"The bot's memory: {before:.0f} MB before, {peak:.0f} MB at most; its CPU: {answers.cpu_seconds:.1f} s."
        )
        table.caption = f"{memory} {_after(place)}"
    return table


def _figures(times: list[float]) -> list[str]:
    late = sum(milliseconds > SLACK_SECONDS * 1e3 for milliseconds in times)
    return [f"{percentile(times, 50):.0f}", f"{percentile(times, 99):.0f}", f"{max(times):.0f}", f"{late:,}"]


async def _flood(place: Place) -> tuple[Answers, list[float]]:
    """The connections are open before the clock runs, as those of a proxy are; then everything is sent at once."""
    address = urlsplit(place.bot_url)
    waiting = [await _connect(address.hostname or "", address.port or 0) for _ in range(DELIVERIES)]
    requests = [_request(address.netloc) for _ in waiting]
    cpu_before = cpu_seconds_of(place.bot_pid)
    answers, over = Answers(), threading.Event()
    health: list[float] = []
    watching = threading.Thread(target=_watch_health, args=(place.bot_url, health, over))
    watching.start()
    for delivery, request in zip(waiting, requests, strict=True):
        delivery.send(request)
    await asyncio.wait([delivery.answered for delivery in waiting], timeout=PATIENCE_SECONDS)
    answers.cpu_seconds = cpu_seconds_of(place.bot_pid) - cpu_before
    over.set()
    watching.join()
    for delivery in waiting:
        delivery.settle(answers)
    return answers, health


def _request(host: str) -> bytes:
    body, headers = signed_upload_event()
    lines = [
        "POST /slack/events HTTP/1.1",
        f"host: {host}",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Delivery(asyncio.Protocol):
    """One request over one connection."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[tuple[int, float]] = asyncio.get_running_loop().create_future()
        self._transport: Any = None
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def send(self, request: bytes) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if not self.answered.done():  # the body may come by itself
            self._settle(int(data.split(maxsplit=2)[1]))

    def connection_lost(self, _error: Exception | None) -> None:
        self._settle(0)

    def _settle(self, status: int) -> None:
        if not self.answered.done():
            self.answered.set_result((status, (time.perf_counter() - self._sent_at) * 1e3))

    def settle(self, answers: Answers) -> None:
        """Count the answer, or that there was none."""
        self._settle(0)
        answers.add(*self.answered.result())
        self._transport.close()


async def _connect(host: str, port: int) -> _Delivery:
    _, delivery = await asyncio.get_running_loop().create_connection(_Delivery, host, port)
    return delivery


def _watch_health(url: str, health: list[float], over: threading.Event) -> None:
    """In a thread of its own, for the loop that sends the flood is as busy as the one that takes it."""
    with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as client:
        while not over.wait(HEALTH_PAUSE_SECONDS):
            begin = time.perf_counter()
            client.get("/healthz").raise_for_status()
            health.append((time.perf_counter() - begin) * 1e3)


def _after(place: Place) -> str:
    """Whether it works as before once the flood is over."""
    body, headers = signed_upload_event()
    begin = time.perf_counter()
    status = httpx.post(f"{place.bot_url}/slack/events", content=body, headers=headers).status_code
    return f"The next delivery got {status} in {(time.perf_counter() - begin) * 1e3:.0f} ms."


def _memory_mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _allow_many_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

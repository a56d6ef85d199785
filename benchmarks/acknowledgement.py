"""What an acknowledgement costs and how long it takes, beside a Bolt app that does nothing, while logs are read too."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from rich.table import Table

from benchmarks.workspace import Place, bare_bolt, cpu_seconds_of, signed_upload_event, wait_for, workspace
from sandbox.samples.scene import APPLICATION
from sandbox.samples.story import write_samples

UPLOAD_BYTES = 500_000_000
TRIAGES = 2
REQUESTS_PER_SECOND = 50
SECONDS = 15
IDLE_SECONDS = 5  # in which nobody asks: what the apps use then is no part of an acknowledgement
POLL_SECONDS = 0.2

SignedEvent = Callable[[], tuple[bytes, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Apps:
    place: Place
    bare_url: str
    bare_pid: int

    def cpu_seconds(self) -> list[float]:
        return [cpu_seconds_of(self.place.bot_pid), cpu_seconds_of(self.bare_pid)]


def run() -> Table:
    """Both apps get the same signed events at the same time: with the machine idle, then while logs are read."""
    table = Table(title=f"Acknowledgement of signed events, {REQUESTS_PER_SECOND}/s to each app for {SECONDS} s")
    for column in ("event", "while"):
        table.add_column(column, no_wrap=True)
    for column in (
        "bot p50 ms",
        "bot p99 ms",
        "bare p50 ms",
        "bare p99 ms",
        "refused",
        "bot CPU us",
        "bare CPU us",
        "CPU ratio",
    ):
        table.add_column(column, justify="right")
    with (
        workspace(TRIAGE_ANALYSIS_PROCESSES=str(TRIAGES)) as place,
        bare_bolt(place.folder) as (bare_url, bare_pid),
    ):
        apps = Apps(place, bare_url, bare_pid)
        threads = [place.open_incident() for _ in range(TRIAGES)]
        events = _events(place, threads[0])
        for name, event in events.items():
            table.add_row(name, "idle", *_measure(apps, event, counting_cpu=True))
        log = _log(place.folder, UPLOAD_BYTES)
        for thread in threads:
            place.upload(thread, log)
        with _read_again_and_again(place):
            for name, event in events.items():
                reading = f"{TRIAGES} x {log.stat().st_size / 1e6:.0f} MB"
                table.add_row(name, reading, *_measure(apps, event, counting_cpu=False))
    return table


def _events(place: Place, thread: str) -> dict[str, SignedEvent]:
    """One that is only written down, and one that is looked up first: an upload in a thread that is known already."""
    file = place.upload(thread, _log(place.folder, 1_000))["files"][0]
    wait_for(lambda: not _unread(place))
    return {
        "a picture outside": signed_upload_event,
        "an upload that is known": partial(signed_upload_event, thread_ts=thread, files=[file]),
    }


def _unread(place: Place) -> list[str]:
    """The incidents whose newest triage has not ended."""
    with httpx.Client(base_url=place.bot_url, timeout=30) as api:
        incidents = [incident["id"] for incident in api.get("/incidents").json()["items"]]
        newest = {
            each: api.get(f"/incidents/{each}/triage", params={"per_page": 1}).json()["items"] for each in incidents
        }
    return [each for each, runs in newest.items() if runs and runs[0]["state"] in ("queued", "running")]


@contextmanager
def _read_again_and_again(place: Place) -> Iterator[None]:
    """Have the logs read again whenever they were read: one reading is shorter than the measurement."""
    enough = threading.Event()

    def keep_reading() -> None:
        with httpx.Client(base_url=place.bot_url, timeout=30) as api:
            incidents = [incident["id"] for incident in api.get("/incidents").json()["items"]]
            while not enough.wait(POLL_SECONDS):
                unread = _unread(place)
                for incident in incidents:
                    if incident not in unread:
                        api.post(f"/incidents/{incident}/triage")

    reading = threading.Thread(target=keep_reading)
    reading.start()
    try:
        yield
    finally:
        enough.set()
        reading.join()


def _log(folder: Path, size_bytes: int) -> Path:
    """The application log of the samples, cut or repeated to size."""
    write_samples(folder / "samples", total_bytes=50_000_000)
    part = (folder / "samples" / APPLICATION).read_bytes()
    log = folder / f"{size_bytes}.log"
    with log.open("wb") as file:
        while file.tell() < size_bytes:
            file.write(part[: size_bytes - file.tell()])
    return log


def _measure(apps: Apps, event: SignedEvent, *, counting_cpu: bool) -> list[str]:
    """Under a triage the bot's process fetches, hashes and reports too, so its CPU says nothing of acknowledgements."""
    idle = _used(apps, lambda: time.sleep(IDLE_SECONDS)) if counting_cpu else [0.0, 0.0]
    times: list[list[float]] = []
    used = _used(apps, lambda: times.extend(asyncio.run(_both(apps, event))))
    deliveries = REQUESTS_PER_SECOND * SECONDS
    figures = [f"{percentile(each, p):.1f}" for each in times for p in (50, 99)]
    figures.append(str(2 * deliveries - sum(map(len, times))))
    if not counting_cpu:
        return [*figures, "-", "-", "-"]
    bot, bare = [
        (all_of_it - in_idleness * SECONDS / IDLE_SECONDS) / deliveries * 1e6
        for all_of_it, in_idleness in zip(used, idle, strict=True)
    ]
    return [*figures, f"{bot:.0f}", f"{bare:.0f}", f"{bot / bare:.1f}"]


def _used(apps: Apps, work: Callable[[], None]) -> list[float]:
    """CPU seconds of both apps while `work` runs."""
    before = apps.cpu_seconds()
    work()
    return [after - begin for after, begin in zip(apps.cpu_seconds(), before, strict=True)]


async def _both(apps: Apps, event: SignedEvent) -> list[list[float]]:
    async with httpx.AsyncClient(timeout=30) as client:
        loads = (_load(client, url, event) for url in (apps.place.bot_url, apps.bare_url))
        return list(await asyncio.gather(*loads))


async def _load(client: httpx.AsyncClient, url: str, event: SignedEvent) -> list[float]:
    """Milliseconds of each acknowledgement; sent at a steady rate whether or not the earlier ones were answered."""
    loop = asyncio.get_running_loop()
    begin, requests = loop.time(), []
    for n in range(REQUESTS_PER_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, begin + n / REQUESTS_PER_SECOND - loop.time()))
        requests.append(asyncio.create_task(_request(client, f"{url}/slack/events", *event())))
    return [each for each in await asyncio.gather(*requests) if each is not None]


async def _request(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> float | None:
    """None where it was refused with 503, which Slack answers by sending it again."""
    begin = time.perf_counter()
    response = await client.post(url, content=body, headers=headers)
    if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return None
    response.raise_for_status()
    return (time.perf_counter() - begin) * 1e3


def percentile(times: list[float], share: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)]

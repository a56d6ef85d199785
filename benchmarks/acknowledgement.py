"""How fast Slack is answered while the bot reads a large log on the same cores, beside a Bolt app that does nothing."""

import asyncio
import threading
import time
from pathlib import Path

import httpx
from rich.table import Table

from benchmarks.workspace import Place, bare_bolt, cpu_seconds_of, signed_upload_event, workspace
from sandbox.samples.scene import APPLICATION
from sandbox.samples.story import write_samples

UPLOAD_BYTES = 500_000_000
REQUESTS_PER_SECOND = 20
POLL_SECONDS = 0.2
SECONDS = 20


def run() -> Table:
    """Both apps get the same signed events in turn, first with the machine idle, then while a log is analysed."""
    table = Table(
        title=f"Acknowledgement of signed events, {REQUESTS_PER_SECOND} requests/s to each app for {SECONDS} s"
    )
    table.add_column("while", no_wrap=True)
    for column in ("bot p50 ms", "bot p99 ms", "bare Bolt p50 ms", "bare Bolt p99 ms", "p99 ratio", "CPU ratio"):
        table.add_column(column, justify="right")
    with workspace() as place, bare_bolt(place.folder) as (bare_url, bare_pid):
        table.add_row("idle", *_measure(place, bare_url, bare_pid))
        thread = place.open_incident()
        log = _large_log(place.folder)
        place.upload(thread, log)
        enough = threading.Event()
        reading = threading.Thread(target=_keep_reading, args=(place, enough))
        reading.start()
        table.add_row(f"analysing {log.stat().st_size / 1e6:.0f} MB", *_measure(place, bare_url, bare_pid))
        enough.set()
        reading.join()
    return table


def _keep_reading(place: Place, enough: threading.Event) -> None:
    """Have the log read again whenever it was read: one reading is shorter than the measurement."""
    with httpx.Client(base_url=place.bot_url, timeout=30) as api:
        incident = api.get("/incidents").json()["items"][0]["id"]
        while not enough.is_set():
            newest = api.get(f"/incidents/{incident}/triage", params={"per_page": 1}).json()["items"]
            if newest and newest[0]["state"] not in ("queued", "running"):
                api.post(f"/incidents/{incident}/triage")
            time.sleep(POLL_SECONDS)


def _large_log(folder: Path) -> Path:
    """The application log of the samples, repeated to size."""
    write_samples(folder / "samples", total_bytes=50_000_000)
    part = (folder / "samples" / APPLICATION).read_bytes()
    log = folder / "large.log"
    with log.open("wb") as file:
        while file.tell() < UPLOAD_BYTES:
            file.write(part)
    return log


def _measure(place: Place, bare_url: str, bare_pid: int) -> list[str]:
    before = cpu_seconds_of(place.bot_pid), cpu_seconds_of(bare_pid)
    bot, bare = asyncio.run(_both(place.bot_url, bare_url))
    bot_cpu, bare_cpu = cpu_seconds_of(place.bot_pid) - before[0], cpu_seconds_of(bare_pid) - before[1]
    ratio = percentile(bot, 99) / percentile(bare, 99)
    figures = [percentile(times, p) for times in (bot, bare) for p in (50, 99)]
    return [*(f"{figure:.1f}" for figure in figures), f"{ratio:.2f}", f"{bot_cpu / bare_cpu:.2f}" if bare_cpu else "-"]


async def _both(bot_url: str, bare_url: str) -> tuple[list[float], list[float]]:
    async with httpx.AsyncClient(timeout=30) as client:
        return await asyncio.gather(_load(client, bot_url), _load(client, bare_url))


async def _load(client: httpx.AsyncClient, url: str) -> list[float]:
    """Milliseconds of each request, sent at a steady rate whether or not the earlier ones were answered."""
    loop = asyncio.get_running_loop()
    begin, requests = loop.time(), []
    for n in range(REQUESTS_PER_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, begin + n / REQUESTS_PER_SECOND - loop.time()))
        requests.append(asyncio.create_task(_request(client, f"{url}/slack/events")))
    return list(await asyncio.gather(*requests))


async def _request(client: httpx.AsyncClient, url: str) -> float:
    body, headers = signed_upload_event()
    begin = time.perf_counter()
    response = await client.post(url, content=body, headers=headers)
    response.raise_for_status()
    return (time.perf_counter() - begin) * 1e3


def percentile(times: list[float], share: int) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)]

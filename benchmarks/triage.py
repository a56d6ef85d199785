"""How long people wait: from dropping a log of 1 MB in the thread to its report there."""

import time

from rich.table import Table

from benchmarks.acknowledgement import percentile
from benchmarks.workspace import Place, wait_for, workspace
from sandbox.samples.scene import APPLICATION
from sandbox.samples.story import write_samples

ROUNDS = 10
LOG_BYTES = 1_000_000
PAUSE_SECONDS = 4  # Slack takes one post a second in a channel; each round makes three


def run() -> Table:
    table = Table(
        title=f"A log of {LOG_BYTES / 1e6:.0f} MB, from the upload to its report in the thread, {ROUNDS} times"
    )
    for column in ("fastest s", "median s", "slowest s"):
        table.add_column(column, justify="right")
    with workspace() as place:
        write_samples(place.folder / "samples", total_bytes=5 * LOG_BYTES)
        log = place.folder / "one-megabyte.log"
        log.write_bytes((place.folder / "samples" / APPLICATION).read_bytes()[:LOG_BYTES].rpartition(b"\n")[0] + b"\n")
        waits = []
        for _ in range(ROUNDS):
            time.sleep(PAUSE_SECONDS)
            thread = place.open_incident()
            begin = time.perf_counter()
            place.upload(thread, log)
            wait_for(lambda thread=thread: _has_report(place, thread))
            waits.append(time.perf_counter() - begin)
    table.add_row(*(f"{seconds:.2f}" for seconds in (min(waits), percentile(waits, 50), max(waits))))
    return table


def _has_report(place: Place, thread: str) -> bool:
    return any(
        block.get("block_id") == "triage_actions" for m in place.messages(thread) for block in m.get("blocks", [])
    )

"""A worker in a process of its own, for a test to kill: one kind of job, whose two steps are written to a file.

`python -m tests.services.jobs.job_process DATABASE_URL DIARY`: works until it is ended. The second step waits for ever in a
process that finds `DIARY.hang`.
"""

import asyncio
import signal
import sys
from pathlib import Path

from models.database import Database
from services.jobs.dbos_jobs import DbosJobs

KIND = "diary"


class Diary:
    """Each step adds a line; what was asked of a step that hangs is asked again after a restart."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def job(self, step, argument: str) -> None:
        first = await step("first", self.first, argument)
        await step("second", self.second, argument, first["note"])
        self.write(f"done {argument}")

    async def first(self, argument: str) -> dict[str, str]:
        self.write(f"first {argument}")
        return {"note": f"noted for {argument}"}

    async def second(self, argument: str, note: str) -> None:
        self.write(f"second {argument}, {note}")
        if self.path.with_suffix(".hang").exists():
            await asyncio.Event().wait()

    def write(self, line: str) -> None:
        with self.path.open("a") as diary:
            diary.write(f"{line}\n")

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []


async def main(url: str, diary: str) -> None:
    database = Database(url)
    jobs = DbosJobs(database, concurrency=4)
    jobs.register(KIND, Diary(Path(diary)).job)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await jobs.start(work=True)
    await stop.wait()
    await jobs.stop()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

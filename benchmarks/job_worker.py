"""A worker for the benchmark of jobs: `python -m benchmarks.job_worker DATABASE_URL PLACES NOTES`.

Its one kind of job has four steps that do nothing; it notes when each began and ended. It works until it is ended.
"""

import asyncio
import signal
import sys
import time
from pathlib import Path

from models.database import Database
from services.jobs.dbos_jobs import DbosJobs

KIND = "four_steps"
STEPS = ("one", "two", "three", "four")


async def main(url: str, places: int, notes: Path) -> None:
    with notes.open("a", buffering=1) as book:

        async def nothing(argument: str) -> str:
            return argument

        async def job(step, argument: str) -> None:
            book.write(f"began {argument} {time.time()}\n")
            for name in STEPS:
                await step(name, nothing, argument)
            book.write(f"ended {argument} {time.time()}\n")

        database = Database(url)
        jobs = DbosJobs(database, concurrency=places)
        jobs.register(KIND, job)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await jobs.start(work=True)
        book.write("ready\n")
        await stop.wait()
        await jobs.stop()
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))

"""Which workers live. Nobody's clock is asked: a worker counts up, and one whose count stands still is dead."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from models.database import Database
from models.messaging import WorkerHeartbeat
from models.shared_clock import database_time

BEAT_SECONDS = 2.0
# A count that was the same in so many looks after the first, one at each of our own beats. What delays a look (this
# process was paused, the database was away) delays the verdict too; with the beat itself a dead worker is known as such
# within ten seconds.
SILENT_LOOKS = 4


class Heartbeats:
    """Of the workers on Postgres; SQLite belongs to one process."""

    def __init__(self, database: Database, worker_id: str) -> None:
        self._database = database
        self._worker_id = worker_id
        self._counts: dict[str, int] = {}
        self._seen: dict[str, tuple[int | None, int]] = {}  # the count, and in how many looks it was the same

    async def beat(self) -> None:
        """Say that this worker lives, and read what the others say."""
        async with self._database.write() as session:
            now = database_time(session)
            row = insert(WorkerHeartbeat).values(worker_id=self._worker_id, beat=1, beaten_at=now)
            await session.execute(
                row.on_conflict_do_update(
                    index_elements=[WorkerHeartbeat.worker_id],
                    set_={"beat": WorkerHeartbeat.beat + 1, "beaten_at": row.excluded.beaten_at},
                )
            )
            rows = await session.execute(select(WorkerHeartbeat.worker_id, WorkerHeartbeat.beat))
            self._counts = {row.worker_id: row.beat for row in rows}
            await session.commit()

    def silent(self, named: set[str]) -> set[str]:
        """Those of the other workers, known by a beat or `named` elsewhere, that have been silent for too long.

        To be asked once after each beat.
        """
        known = {*self._counts, *named} - {self._worker_id}
        self._seen = {worker_id: self._look(worker_id, self._counts.get(worker_id)) for worker_id in known}
        return {worker_id for worker_id, (_, looks) in self._seen.items() if looks >= SILENT_LOOKS}

    def _look(self, worker_id: str, count: int | None) -> tuple[int | None, int]:
        seen, looks = self._seen.get(worker_id, (None, -1))
        return (count, looks + 1) if looks >= 0 and seen == count else (count, 0)

    async def bury(self, worker_ids: set[str]) -> None:
        """Forget workers whose jobs are in other hands; one that was only paused is known again by its next beat."""
        async with self._database.write() as session:
            await session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.worker_id.in_(worker_ids)))
            await session.commit()

    async def stop(self) -> None:
        await self.bury({self._worker_id})

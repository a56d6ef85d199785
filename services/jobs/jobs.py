"""The port to the durable engine: work that outlives a crash, step by step."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


class StepFailed(Exception):
    """Raised by a step that another attempt would not mend; the text is a sentence that says why."""


class JobFailed(Exception):
    """A step failed in every attempt; the text names the last failure."""


class StepsChanged(BaseException):
    """The job was begun by code whose steps were others. The engine begins it anew; a job lets this pass."""


class Step(Protocol):
    """Runs one step of a job: its result (JSON) is kept, so a resumed job does not repeat it.

    A fault is tried again a few times within seconds; while the database is away everything waits for it. When the
    process stops, the job is cut off by cancellation and taken up again elsewhere or at the next start, after the last
    step that was done. A step that is run `to_the_end` is waited for instead, as long as stopping may take.

    Raises:
        StepFailed, TriageError: as the step raised it; it is not tried again here.
        JobFailed: every attempt failed.
    """

    async def __call__(
        self, name: str, action: Callable[..., Coroutine[Any, Any, T]], *args: object, to_the_end: bool = False
    ) -> T: ...


Job = Callable[[Step, str], Awaitable[None]]


class Jobs(Protocol):
    def register(self, kind: str, job: Job) -> None:
        """Name the function that does a kind of job; before `start`."""
        ...

    async def enqueue(
        self, session: AsyncSession, *, kind: str, job_id: str, argument: str, lane: str, delay_seconds: float = 0
    ) -> None:
        """Put a job in the queue within the session's transaction. A second job with the same id is none.

        Jobs of one lane begin in their order and take part of a worker's places; the rest is for other lanes.
        """
        ...

    async def status(self, job_id: str) -> str | None:
        """The engine's word for where the job is, None for a job it does not know."""
        ...

    async def forget_finished(self, before: datetime) -> int:
        """Remove what is kept of jobs that had ended by then; how many there were."""
        ...

    async def start(self, *, work: bool) -> None:
        """With `work` this process takes jobs from the queue; without, it only enqueues."""
        ...

    async def stop(self) -> None: ...

"""The port to the durable engine: work that outlives a crash, step by step."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")


class StepFailed(Exception):
    """Raised by a step that another attempt would not mend; the text is a sentence that says why."""


class JobFailed(Exception):
    """A step failed in every attempt; the text names the last failure."""


class Step(Protocol):
    """Runs one step of a job: its result (JSON) is kept, so a resumed job does not repeat it.

    A passing fault is tried again a few times. When the process stops, the job is cut off by cancellation and taken up
    again at the next start, after the last step that was done.

    Raises:
        StepFailed: as the step raised it; it is not tried again.
        JobFailed: every attempt failed.
    """

    async def __call__(self, name: str, action: Callable[..., Coroutine[Any, Any, T]], *args: str | None) -> T: ...


Job = Callable[[Step, str], Awaitable[None]]


class Jobs(Protocol):
    def register(self, kind: str, job: Job) -> None:
        """Name the function that does a kind of job; before `start`."""
        ...

    async def enqueue(
        self, session: AsyncSession, *, kind: str, job_id: str, argument: str, lane: str, delay_seconds: float = 0
    ) -> None:
        """Put a job in the queue within the session's transaction. A second job with the same id is none.

        Jobs of one lane run one after the other.
        """
        ...

    async def cancel(self, job_id: str) -> None: ...

    async def status(self, job_id: str) -> str | None:
        """The engine's word for where the job is, None for a job it does not know."""
        ...

    async def start(self, *, work: bool) -> None:
        """With `work` this process takes jobs from the queue; without, it only enqueues."""
        ...

    async def stop(self) -> None: ...

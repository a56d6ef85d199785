"""What a check beside the kill points works with, and how it names itself."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.faults.accounts import Account
from tests.faults.databases import Postgres, Sqlite
from tests.faults.lane import DEADLINE_SECONDS, Lane, lane
from tests.faults.supervised import Nursery
from tests.faults.trials import Trial

Kind = Sqlite | Postgres
BOTH = ("sqlite", "postgres")


@dataclass(frozen=True)
class Bench:
    nursery: Nursery
    kind: Kind
    folder: Path
    seeds: Sequence[int]
    minutes: float = 5.0
    deadline_seconds: float = DEADLINE_SECONDS
    settings: dict[str, str] = field(default_factory=dict)

    @asynccontextmanager
    async def lane(self, *, kind: Kind | None = None, **options: Any) -> AsyncIterator[Lane]:
        """A workspace of its own, on a database of its own."""
        folder = self.folder / uuid4().hex
        folder.mkdir()
        url = await (kind or self.kind).create()
        async with lane(self.nursery, folder, url, **{**self.settings, **options}) as mine:
            mine.deadline_seconds = self.deadline_seconds
            yield mine

    async def trials(
        self,
        trial: Callable[[int], Awaitable[float]],
        account: Callable[[int], Awaitable[Account]],
        numbers: Sequence[int] | None = None,
    ) -> list[Trial]:
        """A trial for each seed (or number): `trial` returns the seconds it took, or raises TimeoutError; then the
        account is asked."""
        done = []
        for number in self.seeds if numbers is None else numbers:
            try:
                seconds = await trial(number)
                done.append(Trial(await account(number), seconds))
            except TimeoutError:
                done.append(Trial(await account(number)))
                done[-1].account.lost.append("it never came to an end")
        return done


@dataclass(frozen=True)
class Check:
    """`run` gives a trial for each of the bench's seeds, at most `most_trials`; longer than `limit_seconds` is lost."""

    name: str
    what: str
    run: Callable[[Bench], Awaitable[list[Trial]]]
    databases: tuple[str, ...] = BOTH
    limit_seconds: float | None = None
    most_trials: int = 20


def hold_to_the_limit(trials: Sequence[Trial], limit_seconds: float | None) -> None:
    for trial in trials:
        took = trial.recovery_seconds
        if limit_seconds is not None and took is not None and took > limit_seconds:
            trial.account.lost.append(f"it took {took:.1f} s, more than {limit_seconds:g}")

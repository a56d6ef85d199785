"""How often each kind of finding was right, as people said with the buttons under it."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.triage import Finding, FindingFeedback, Opinion

_DEVIATIONS_OF_95_PERCENT = 1.96  # that hold 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class Precision:
    """Findings that people judged. Each counts once, by the majority; where people are split it is `disputed`."""

    right: int = 0
    wrong: int = 0
    disputed: int = 0

    def __add__(self, other: "Precision") -> "Precision":
        return Precision(self.right + other.right, self.wrong + other.wrong, self.disputed + other.disputed)

    @property
    def decided(self) -> int:
        return self.right + self.wrong

    @property
    def share(self) -> float | None:
        """The right ones among the decided; None where nothing is decided."""
        return self.right / self.decided if self.decided else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Where the true share lies with 95 % confidence, by Wilson's score interval; None where nothing is decided."""
        if self.share is None:
            return None
        z2 = _DEVIATIONS_OF_95_PERCENT**2 / self.decided
        spread = _DEVIATIONS_OF_95_PERCENT * math.sqrt((self.share * (1 - self.share) + z2 / 4) / self.decided)
        return (self.share + z2 / 2 - spread) / (1 + z2), (self.share + z2 / 2 + spread) / (1 + z2)


@dataclass(frozen=True, slots=True)
class KindAccuracy:
    """One kind of finding, over all versions of the engine and by each, the newest judged last."""

    kind: str
    overall: Precision
    by_version: dict[str, Precision]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """`shown`: the findings that had the buttons under them, judged or not. Kinds with the most judged come first."""

    shown: int
    overall: Precision
    kinds: list[KindAccuracy] = field(default_factory=list)


async def measure_accuracy(session: AsyncSession) -> Accuracy:
    """Over every finding of the database that somebody judged."""
    rights = func.sum(case((FindingFeedback.opinion == Opinion.RIGHT, 1), else_=0))
    rows = await session.execute(
        select(Finding.kind, FindingFeedback.engine_version, rights, func.count())
        .join(FindingFeedback, FindingFeedback.finding_id == Finding.id)
        .group_by(Finding.id, Finding.kind, FindingFeedback.engine_version)
        .order_by(func.min(FindingFeedback.given_at))
    )
    shown = await session.scalar(select(func.count()).select_from(Finding).where(Finding.rank == 1))
    kinds = _by_kind([(kind, version, _judged(right, count - right)) for kind, version, right, count in rows])
    return Accuracy(shown=shown or 0, overall=_sum([kind.overall for kind in kinds]), kinds=kinds)


def _judged(right: int, wrong: int) -> Precision:
    if right == wrong:
        return Precision(disputed=1)
    return Precision(right=1) if right > wrong else Precision(wrong=1)


def _by_kind(judged: Sequence[tuple[str, str, Precision]]) -> list[KindAccuracy]:
    versions: dict[str, dict[str, Precision]] = defaultdict(dict)
    for kind, version, precision in judged:
        versions[kind][version] = versions[kind].get(version, Precision()) + precision
    kinds = [KindAccuracy(kind, _sum(list(by.values())), by) for kind, by in versions.items()]
    return sorted(kinds, key=lambda each: (-each.overall.decided, -each.overall.disputed, each.kind))


def _sum(parts: Sequence[Precision]) -> Precision:
    return sum(parts, Precision())

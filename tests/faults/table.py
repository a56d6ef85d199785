"""What the harness prints: a line for each check, and beneath the table what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.faults.trials import Trial

_HEAD = ("check", "database", "trials", "lost", "doubled", "repeated", "recovered in", "at most")
_WIDTHS = (22, 9, 7, 6, 8, 9, 13, 9)
_SHOWN = 5  # sentences a check; the rest says the same


@dataclass
class Result:
    """One line. `limit_seconds`: longer than this to recover counts as lost."""

    name: str
    database: str
    trials: list[Trial] = field(default_factory=list)
    limit_seconds: float | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        accounts = [trial.account for trial in self.trials]
        return (
            sum(bool(account.lost) for account in accounts),
            sum(bool(account.doubled) for account in accounts),
            sum(bool(account.repeated) for account in accounts),
        )

    @property
    def is_clean(self) -> bool:
        return bool(self.trials) and not any(self.counts)

    @property
    def line(self) -> str:
        times = [trial.recovery_seconds for trial in self.trials if trial.recovery_seconds is not None]
        shown = (f"{median(times):.1f} s", f"{max(times):.1f} s") if times else ("-", "-")
        return _columns((self.name, self.database, len(self.trials), *self.counts, *shown))

    @property
    def sentences(self) -> list[str]:
        said = [
            f"  {self.name}, {self.database}: {kind}: {sentence}"
            for trial in self.trials
            for kind in ("lost", "doubled", "repeated")
            for sentence in getattr(trial.account, kind)
        ]
        left = len(said) - _SHOWN
        return said[:_SHOWN] + ([f"  ... and {left} more"] if left > 0 else [])


def head() -> str:
    return _columns(_HEAD)


def verdict(results: Sequence[Result]) -> str:
    """The last lines: what went wrong, or that nothing did."""
    said = [sentence for result in results for sentence in result.sentences]
    trials = sum(len(result.trials) for result in results)
    ends = "nothing was lost, doubled or repeated" if all(result.is_clean for result in results) else "NOT all is well"
    return "\n".join([*said, f"{trials} trials: {ends}."])


def _columns(cells: Sequence[object]) -> str:
    first, second, *numbers = (str(cell) for cell in cells)
    rest = "".join(f"{number:>{width}}" for number, width in zip(numbers, _WIDTHS[2:], strict=True))
    return f"{first:<{_WIDTHS[0]}} {second:<{_WIDTHS[1]}}{rest}"

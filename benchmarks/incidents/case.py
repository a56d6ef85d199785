"""A labelled case: the files, and what a right diagnosis of them says."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that is logged.

    `at` counts seconds since 1970 UTC; `level` is a letter of D I W E F, or `-` for a line without any header;
    `program` is `~` for the service itself; `rest` follows without a header. A cause is what must be cited.
    """

    at: float
    level: str
    program: str
    message: str
    rest: tuple[str, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    is_cause: bool = False
    service: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What is true of a case. Lines count from one.

    `cause_lines` are by file; `faulty` names the service at fault and `written_by_faulty` finds its lines where all
    services share a file; `onset` counts seconds since 1970 UTC. A healthy case has no cause and no finding.
    """

    is_healthy: bool = False
    failure: str = ""
    cause_lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    instruction_lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    faulty: Sequence[str] = ()
    written_by_faulty: str = ""
    onset: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Files by name, each a sequence of lines.

    `baseline` is a good run of the same system; `without` is the log without the line that pretends.
    """

    name: str
    files: Mapping[str, Sequence[str]]
    label: Label
    baseline: Sequence[str] = ()
    without: Sequence[str] = ()

    def write(self, folder: Path) -> list[Path]:
        """Write the files into `folder`, with `label.json` and, where there is one, `baseline.log` or `without.log`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "label.json").write_text(json.dumps(asdict(self.label), indent=1) + "\n", encoding="utf-8")
        for name, lines in (("baseline.log", self.baseline), ("without.log", self.without)):
            if lines:
                _write_lines(folder / name, lines)
        return [_write_lines(folder / name, lines) for name, lines in self.files.items()]


def _write_lines(path: Path, lines: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path

"""The known problems that files show, as the diagnosis takes them."""

from collections.abc import Sequence
from pathlib import Path

from services.diagnosis.findings import KnownProblem, LineRef
from services.logs.limits import ReadLimits
from services.logs.scan import FileScan
from services.problems.catalogue import cached_catalogue
from services.problems.matching import match_problems


def known_problems(
    scans: Sequence[FileScan], problems_dir: Path | None, limits: ReadLimits | None = None
) -> list[KnownProblem]:
    """The problems of our catalogue and of a folder of rules, the gravest first."""
    return [
        KnownProblem(
            id=match.problem.id,
            title=match.problem.title,
            meaning=match.problem.meaning,
            steps=(*match.problem.checks, *match.problem.fix),
            refs=tuple(LineRef(ref.file, ref.line) for ref in match.refs),
        )
        for match in match_problems(scans, cached_catalogue(problems_dir), limits=limits)
    ]

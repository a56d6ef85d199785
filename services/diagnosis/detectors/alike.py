"""The same trouble told in many files, as it is in the logs of many pods: one candidate, not one a file."""

from collections.abc import Sequence
from dataclasses import replace

from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import LineRef

# Enough to see that they are alike; how many there are is said.
_CITED = 3


def one_of_alike(view: View, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those of other files that are of the same template and component become context of the one that came first.

    It takes the place of the best of them. Within one file nothing is put together: there it was told apart.
    """
    groups: dict[tuple[str, str | None], list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(_sort_of(view, candidate.ref), []).append(candidate)
    merged = [candidate for group in groups.values() for candidate in _merged(view, group)]
    return sorted(merged, key=lambda candidate: (-candidate.points, candidate.ref))


def _sort_of(view: View, ref: LineRef) -> tuple[str, str | None]:
    scan = view.scans[ref.file]
    shape = scan.shape_of_line[ref.line]
    return scan.templates[scan.template_of_shape[shape]].text, scan.shapes[shape].component


def _merged(view: View, group: Sequence[Candidate]) -> list[Candidate]:
    best = group[0]
    files = {candidate.ref.file: candidate for candidate in reversed(group)}
    if len(files) == 1:
        return list(group)
    ordered = sorted(files.values(), key=lambda candidate: view.order(candidate.ref))
    head, others = ordered[0], ordered[1:]
    context = tuple(other.ref for other in others[: _CITED - 1])
    return [
        replace(head, points=best.points, context=context, other_files=len(others)),
        *(each for each in group if each is not files[each.ref.file]),
    ]

"""What would decide it: the file or window to upload next; and what was not read."""

from collections.abc import Sequence

from services.diagnosis.component_names import name_key, name_of_file
from services.diagnosis.findings import Finding, Missing, Onset, Verdict
from services.diagnosis.scene import Signal
from services.logs.quoting import displayable
from services.logs.scan import FileScan
from services.logs.service_names import service_of

_NAME_CHARS = 100


def missing_of(
    scans: Sequence[FileScan],
    signals: Sequence[Signal],
    findings: Sequence[Finding],
    onset: Onset | None,
    *,
    is_faint: bool,
) -> tuple[Missing, ...]:
    """What decides first, then what was not read. Where nothing was found, or nothing stands out (`is_faint`), it
    says what was looked at.

    Whoever is named as the one at fault and has no log here is asked for by name, however sure the finding is.
    """
    unread = [Missing(what=scan.name, why=f"not read whole: {scan.unread[0]}") for scan in scans if scan.unread]
    absent = _absent(scans, signals, findings)
    if absent:
        return _its_log(absent, onset), *unread
    if is_faint and findings:
        return _looked_at(scans, "nothing stands out", "nothing but the leads above, which came by themselves"), *unread
    if not findings and any(scan.line_count for scan in scans):
        return _looked_at(scans, "nothing abnormal found", "no error, crash or failed step"), *unread
    if findings and findings[0].verdict is Verdict.INCONCLUSIVE:
        return _surroundings(scans, onset), *unread
    return tuple(unread)


def _absent(scans: Sequence[FileScan], signals: Sequence[Signal], findings: Sequence[Finding]) -> str | None:
    """Whom the first finding names at fault, if none of the files or lines are its own."""
    titles = {finding.title for finding in findings[:1]}
    blamed = next((signal.blames for signal in signals if signal.blames and signal.title in titles), None)
    return blamed if blamed and not any(_is_of(scan, blamed) for scan in scans) else None


def _is_of(scan: FileScan, service: str) -> bool:
    names = {name_of_file(scan.name), *(service_of(shape.component) for shape in scan.shapes)}
    return name_key(service) in {name_key(name) for name in names if name}


def _its_log(name: str, onset: Onset | None) -> Missing:
    what = f"the log of {displayable(name, _NAME_CHARS)}{_window(onset)}"
    return Missing(what, "others name it as what they fail on, and no line here is its own")


def _looked_at(scans: Sequence[FileScan], verdict: str, held: str) -> Missing:
    lines = sum(scan.line_count for scan in scans)
    kinds = len({template.text for scan in scans for template in scan.templates})
    counts = f"{_counted(lines, 'line')} of {_counted(kinds, 'kind')}"
    return Missing(
        "the log of the component that people saw failing, for that time",
        f"{verdict}: {counts} hold {held}",
    )


def _surroundings(scans: Sequence[FileScan], onset: Onset | None) -> Missing:
    place = displayable(scans[onset.ref.file].name, _NAME_CHARS) if onset else "these files"
    what = f"what the systems around {place} logged{_window(onset)}"
    return Missing(what, "no line here decides between the candidates")


def _window(onset: Onset | None) -> str:
    return f" in the ten minutes before {onset.at:%H:%M:%S} UTC" if onset and onset.at else ""


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

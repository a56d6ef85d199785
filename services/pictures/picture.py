"""The picture of a triage: errors and all lines over time, onset and findings marked, and the number that moved."""

from collections.abc import Sequence

from services.diagnosis.findings import Diagnosis, SeriesChange
from services.logs.scan import FileScan
from services.pictures.chart import Chart, MovedNumber, drawing_of
from services.pictures.drawing import Picture
from services.pictures.png import png_of
from services.pictures.rates import medians_of, rates_of
from services.pictures.svg import svg_of
from services.pictures.windows import Windows, windows_over
from services.pictures.wording import chart_words

_FINDINGS_MARKED = 4


def draw_picture(scans: Sequence[FileScan], diagnosis: Diagnosis) -> Picture | None:
    """The picture; None where nothing was found, or where the logs bear no time or show a single moment."""
    chart = _chart(scans, diagnosis)
    if chart is None:
        return None
    words = chart_words(chart)
    drawing = drawing_of(chart, words=words)
    return Picture(svg_of(drawing), png_of(drawing), words)


def _chart(scans: Sequence[FileScan], diagnosis: Diagnosis) -> Chart | None:
    if not (diagnosis.findings or diagnosis.series):
        return None
    windows = windows_over(scans, around=diagnosis.onset.ref.file if diagnosis.onset else None)
    if windows is None:
        return None
    onset = diagnosis.onset.at if diagnosis.onset else None
    return Chart(
        windows=windows,
        rates=rates_of(scans, windows),
        onset=_inside(windows, int(onset.timestamp()) if onset else None),
        findings=tuple(_moments(scans, diagnosis, windows)),
        number=_moved_number(scans, diagnosis.series, windows),
    )


def _inside(windows: Windows, second: int | None) -> int | None:
    return second if second is not None and windows.index_of(second) is not None else None


def _moments(scans: Sequence[FileScan], diagnosis: Diagnosis, windows: Windows) -> Sequence[tuple[int, int]]:
    marked = []
    for rank, finding in enumerate(diagnosis.findings[:_FINDINGS_MARKED], start=1):
        ref = finding.evidence[0].ref
        moment = scans[ref.file].moment_of(ref.line)
        second = _inside(windows, int(moment.timestamp()) if moment else None)
        if second is not None:
            marked.append((rank, second))
    return marked


def _moved_number(scans: Sequence[FileScan], changes: Sequence[SeriesChange], windows: Windows) -> MovedNumber | None:
    """The number that moved furthest, of those that were told often enough to draw."""
    for change in changes:
        scan = scans[change.change.file]
        series = next((series for series in scan.fields if series.name == change.field), None)
        medians = medians_of(scan, series, windows) if series is not None else ()
        if sum(value is not None for value in medians) > 1:
            at = _inside(windows, int(change.change_at.timestamp()) if change.change_at else None)
            return MovedNumber(change.field, medians, change.before, change.after, at)
    return None

"""What the chart shows, said in words."""

from collections.abc import Iterator, Sequence

from services.pictures.chart import Chart, moment_words, printable, shortened

_FIELD_CHARS = 60


def chart_words(chart: Chart) -> str:
    """A paragraph without markup, some hundred characters long."""
    return " ".join(_sentences(chart))


def _sentences(chart: Chart) -> Iterator[str]:
    windows, per = chart.windows, chart.windows.length_words
    begin, end = (moment_words(moment, date=True, seconds=False) for moment in (windows.begin, windows.end))
    yield f"Chart of lines per {per}, {begin} to {end} UTC."
    yield f"Errors: {_course(chart, chart.rates.errors)}."
    yield f"All lines: {_course(chart, chart.rates.lines)}."
    if chart.onset is not None:
        yield f"It began at {_moment(chart, chart.onset)}."
    if chart.findings:
        yield f"Marked: {', '.join(f'finding {rank} at {_moment(chart, at)}' for rank, at in chart.findings)}."
    if chart.number is not None:
        number = chart.number
        at = f" at {_moment(chart, number.moved_at)}" if number.moved_at is not None else ""
        change = f"{shortened(number.before)} to {shortened(number.after)}"
        yield f"{printable(number.field, _FIELD_CHARS)} goes from {change}{at}."


def _course(chart: Chart, counts: Sequence[int]) -> str:
    """At most before and after the onset, and when the most."""
    if not any(counts):
        return "none"
    windows = chart.windows
    peak = max(range(len(counts)), key=lambda index: counts[index])
    most = f"at most {counts[peak]:,} at {_moment(chart, windows.begin + peak * windows.seconds)}"
    onset = windows.index_of(chart.onset) if chart.onset is not None else None
    before = counts[:onset] if onset else ()
    return f"at most {max(before):,} before it began, {most}" if before else most


def _moment(chart: Chart, second: int) -> str:
    return moment_words(second, date=chart.windows.spans_days)
